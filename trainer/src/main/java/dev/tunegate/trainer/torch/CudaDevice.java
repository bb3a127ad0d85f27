package dev.tunegate.trainer.torch;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A GPU that libtorch can use.
 *
 * @param capability NVIDIA's compute capability, times ten: 80 is 8.0
 */
public record CudaDevice(TorchDevice device, int capability) {
    private static final int BFLOAT16 = 80;

    /** Whether its tensor cores multiply bfloat16 matrices: from Ampere on. */
    public boolean multipliesBfloat16() {
        return capability >= BFLOAT16;
    }

    /** NVIDIA's way to write the compute capability: 8.0. */
    public String capabilityText() {
        return capability / 10 + "." + capability % 10;
    }

    /**
     * The GPUs there are; none where libtorch is the CPU's. Counting them takes no memory of theirs.
     *
     * @throws DeviceRequest.Missing when libtorch has one that nothing can be learnt about
     */
    public static List<CudaDevice> found() throws DeviceRequest.Missing {
        if (!Torch.isBuiltForCuda() || !Torch.hasCuda()) {
            return List.of();
        }
        int count = CudaUtils.getGpuCount();
        if (count == 0) {
            throw new DeviceRequest.Missing("libtorch has a CUDA device, but libcudart is not found; name its directory"
                    + " with TUNEGATE_JAVA_OPTS=-Djna.library.path=DIR, or use --device cpu");
        }
        return IntStream.range(0, count).mapToObj(CudaDevice::at).toList();
    }

    private static CudaDevice at(int index) {
        return new CudaDevice(new TorchDevice(index), Integer.parseInt(CudaUtils.getComputeCapability(index)));
    }

    /** The one that this process works on; it must be one of those found. */
    public static CudaDevice inUse() {
        return at(Torch.device().cuda());
    }

    /** Its memory: {@code getMax} is all of it, {@code getUsed} what any process has in use. */
    public MemoryUsage memory() {
        return CudaUtils.getGpuMemory(Device.gpu(device.cuda()));
    }
}

package dev.tunegate.trainer.model;

import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.torch.CudaDevice;
import dev.tunegate.trainer.torch.Processor;
import dev.tunegate.trainer.torch.Torch;
import org.jspecify.annotations.Nullable;

/** The type a frozen model's weights and activations have; LoRA weights and losses are float32 in any case. */
public enum ComputeType {
    FP32(DType.F32),
    BF16(DType.BF16);

    /** The hidden size below which a model is tiny. */
    private static final int TINY = 256;

    private final DType stored;

    ComputeType(DType stored) {
        this.stored = stored;
    }

    /** The type of its arrays. */
    public DType stored() {
        return stored;
    }

    /** A type and why it was chosen, for people to read. */
    public record Choice(ComputeType type, String reason) {}

    /** Whether a model is so small that handing work to a second thread takes longer than the work. */
    static boolean isTiny(ModelConfig config) {
        return config.hiddenSize() < TINY;
    }

    /**
     * The type for a model.
     *
     * @param asked what {@code --dtype} names; null where it follows the model
     */
    public static Choice choose(@Nullable ComputeType asked, ModelConfig config) {
        return asked != null ? new Choice(asked, "asked for with --dtype") : choose(config);
    }

    /** BF16 where the device multiplies such matrices itself and the model is large enough to gain by it, else FP32. */
    public static Choice choose(ModelConfig config) {
        if (isTiny(config)) {
            return new Choice(FP32, "so small a model gains nothing from bfloat16");
        }
        return Torch.device().isCuda() ? onGpu(CudaDevice.inUse()) : onCpu(Processor.here());
    }

    static Choice onGpu(CudaDevice gpu) {
        return gpu.multipliesBfloat16()
                ? new Choice(
                        BF16,
                        "the GPU multiplies bfloat16 matrices in hardware (compute capability %s)"
                                .formatted(gpu.capabilityText()))
                : new Choice(
                        FP32,
                        "the GPU has no bfloat16 matrix instructions (compute capability %s, below 8.0)"
                                .formatted(gpu.capabilityText()));
    }

    private static Choice onCpu(Processor processor) {
        return processor.multipliesBfloat16()
                ? new Choice(BF16, "the processor multiplies bfloat16 matrices in hardware")
                : new Choice(FP32, "the processor has no bfloat16 matrix instructions");
    }
}

package dev.tunegate.trainer.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.torch.CudaDevice;
import dev.tunegate.trainer.torch.DeviceRequest;
import dev.tunegate.trainer.torch.Torch;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import picocli.CommandLine.TypeConversionException;

/** What tensors are computed on and in. */
final class ComputeOptions {
    enum Dtype {
        AUTO,
        FP32,
        BF16
    }

    @Spec(Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "${env:TUNEGATE_DTYPE:-auto}",
            description = "Type a frozen base model computes in: auto, fp32 or bf16 [TUNEGATE_DTYPE]"
                    + " (default: ${DEFAULT-VALUE}).")
    private Dtype dtype = Dtype.AUTO;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:TUNEGATE_DEVICE:-auto}",
            converter = DeviceNames.class,
            description =
                    "Where to compute: cpu, cuda:N, or auto, the first CUDA device that libtorch finds, else the CPU"
                            + " [TUNEGATE_DEVICE] (default: ${DEFAULT-VALUE}).")
    private DeviceRequest device = DeviceRequest.parse("auto");

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_THREADS:-0}",
            description = "Threads to compute with; 0 takes every core, or one for a tiny model [TUNEGATE_THREADS]"
                    + " (default: ${DEFAULT-VALUE}).")
    private int threads;

    /** Sets threads and device; before the first tensor. */
    void apply() {
        if (threads > 0) {
            Torch.useThreads(threads);
        }
        try {
            Torch.useDevice(device.choose(device.needsCuda() ? CudaDevice.found() : List.of()));
        } catch (DeviceRequest.Missing e) {
            throw new ParameterException(command.commandLine(), "--device: " + e.getMessage());
        }
    }

    /** The type that was asked for; null where it follows the model. */
    @Nullable
    ComputeType type() {
        return switch (dtype) {
            case AUTO -> null;
            case FP32 -> ComputeType.FP32;
            case BF16 -> ComputeType.BF16;
        };
    }

    /** The type for a model. */
    ComputeType.Choice choose(ModelConfig config) {
        return ComputeType.choose(type(), config);
    }

    /** Tells people where a model computes and in what type. */
    static String text(ComputeType type, String reason) {
        return "Computing in %s%s: %s".formatted(type, Torch.device().isCuda() ? " on " + Torch.device() : "", reason);
    }

    /** How much memory there is for models, on the GPU where there is one. */
    static long memoryBytes() {
        return Torch.device().isCuda()
                ? CudaDevice.inUse().memory().getMax()
                : ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getTotalMemorySize();
    }

    /** Reads {@code --device}. */
    static final class DeviceNames implements ITypeConverter<DeviceRequest> {
        @Override
        public DeviceRequest convert(String text) {
            try {
                return DeviceRequest.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}

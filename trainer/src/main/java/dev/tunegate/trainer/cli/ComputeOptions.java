package dev.tunegate.trainer.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.torch.Torch;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What tensors are computed on and in. */
final class ComputeOptions {
    enum Dtype {
        AUTO,
        FP32,
        BF16
    }

    enum Device {
        AUTO,
        CPU
    }

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
            description = "Where to compute: auto or cpu [TUNEGATE_DEVICE] (default: ${DEFAULT-VALUE}).")
    private Device device = Device.AUTO;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_THREADS:-0}",
            description = "Threads to compute with; 0 takes every core, or one for a tiny model [TUNEGATE_THREADS]"
                    + " (default: ${DEFAULT-VALUE}).")
    private int threads;

    /** Sets the threads; before the first tensor. */
    void apply() {
        if (threads > 0) {
            Torch.useThreads(threads);
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
        return switch (dtype) {
            case AUTO -> ComputeType.choose(config);
            case FP32 -> new ComputeType.Choice(ComputeType.FP32, "asked for with --dtype");
            case BF16 -> new ComputeType.Choice(ComputeType.BF16, "asked for with --dtype");
        };
    }

    /** Its name in the worker protocol. */
    String device() {
        return switch (device) {
            case AUTO, CPU -> "cpu";
        };
    }

    /** How much memory the machine has. */
    static long machineMemoryBytes() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}

package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.model.ComputeType;
import picocli.CommandLine.Option;

/** The type that frozen base models compute in. */
final class DtypeOption {
    enum Dtype {
        AUTO,
        FP32,
        BF16
    }

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "${env:TUNEGATE_DTYPE:-auto}",
            description = "Type a frozen base model computes in: auto, fp32 or bf16 (default: ${DEFAULT-VALUE}).")
    private Dtype dtype = Dtype.AUTO;

    ComputeType.Choice choose() {
        return switch (dtype) {
            case AUTO -> ComputeType.choose();
            case FP32 -> new ComputeType.Choice(ComputeType.FP32, "asked for with --dtype");
            case BF16 -> new ComputeType.Choice(ComputeType.BF16, "asked for with --dtype");
        };
    }
}

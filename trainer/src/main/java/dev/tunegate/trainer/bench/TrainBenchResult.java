package dev.tunegate.trainer.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * What a training step costs here.
 *
 * @param tokensPerSecond every token of the examples; there is no padding
 * @param trainedTokensPerSecond only those that a loss is computed for
 * @param stepSeconds the mean of a step, of which forward, backward and optimizer seconds are parts
 * @param peakRssMb the most memory the process had in use, MiB; a GPU's is not in it
 * @param peakGpuMb what was in use of the GPU's memory after the steps, MiB, by whatever process: libtorch gives none back; null
 *     on the CPU
 * @param estimatedMb what was expected of it before the first step, MiB
 * @param gradientCheckpointing whether layers were computed once more in the backward pass
 * @param device libtorch's name for where it ran
 * @param gemmPeakGflops one large matrix product, measured in the same run
 * @param mfu 4 · parameters · tokensPerSecond / peak: a forward and a backward pass through frozen weights
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TrainBenchResult(
        double tokensPerSecond,
        double trainedTokensPerSecond,
        double stepSeconds,
        double forwardSeconds,
        double backwardSeconds,
        double optimizerSeconds,
        long peakRssMb,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long peakGpuMb,
        long estimatedMb,
        boolean gradientCheckpointing,
        String dtype,
        String dtypeReason,
        String device,
        int threads,
        long parameters,
        double gemmPeakGflops,
        double mfu) {

    /** The result in words for people. */
    public String text() {
        return """
                %.0f tokens/s (%.0f trained), %.3f s a step: forward %.3f, backward %.3f, optimizer %.3f
                %s on %s, %d threads (%s), at most %d MB (expected %d)%s
                %.1f M parameters; one large product %.0f GFLOP/s, of which the training uses %.0f %%""".formatted(
                        tokensPerSecond,
                        trainedTokensPerSecond,
                        stepSeconds,
                        forwardSeconds,
                        backwardSeconds,
                        optimizerSeconds,
                        dtype,
                        device,
                        threads,
                        dtypeReason,
                        peakGpuMb != null ? peakGpuMb : peakRssMb,
                        estimatedMb,
                        gradientCheckpointing ? ", gradient checkpointing" : "",
                        parameters / 1e6,
                        gemmPeakGflops,
                        mfu * 100);
    }
}

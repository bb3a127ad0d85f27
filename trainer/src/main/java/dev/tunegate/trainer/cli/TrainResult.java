package dev.tunegate.trainer.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tunegate.trainer.training.StepMetrics;
import dev.tunegate.trainer.training.TrainingLoop;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code train} prints at its end. */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TrainResult(
        @JsonProperty("out") String out,
        @JsonProperty("steps") int steps,
        @JsonProperty("train_loss") double trainLoss,
        @JsonProperty("full_valid_loss") @Nullable Double fullValidLoss,

        @JsonProperty("full_valid_mean_token_accuracy") @Nullable
        Double fullValidAccuracy,

        @JsonProperty("trained_tokens") long trainedTokens,
        @JsonProperty("train_seconds") double trainSeconds,
        @JsonProperty("tokens_per_second") double tokensPerSecond) {

    /**
     * Sums up a finished training.
     *
     * @param seconds how long this run took
     * @param tokens how many tokens it went through in that time
     */
    static TrainResult of(TrainingLoop loop, Path out, double seconds, long tokens) {
        List<StepMetrics> metrics = loop.metrics();
        StepMetrics last = metrics.get(metrics.size() - 1);
        return new TrainResult(
                out.toString(),
                last.step(),
                last.trainLoss(),
                last.fullValidLoss(),
                last.fullValidAccuracy(),
                loop.trainedTokens(),
                seconds,
                tokens / seconds);
    }

    String text() {
        String valid = fullValidLoss == null ? "" : String.format(Locale.ROOT, ", validation loss %.4f", fullValidLoss);
        return String.format(
                Locale.ROOT,
                "%d steps in %.1f s (%,.0f tokens/s), training loss %.4f%s: %s",
                steps,
                trainSeconds,
                tokensPerSecond,
                trainLoss,
                valid,
                out);
    }
}

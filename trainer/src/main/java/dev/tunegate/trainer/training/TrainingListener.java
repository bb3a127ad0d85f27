package dev.tunegate.trainer.training;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Hears from a {@link TrainingLoop}, on its thread, and tells it whether to go on. */
public interface TrainingListener {

    /** What the loop is to do; asked before every step, and often within one, also by other threads. */
    Directive directive();

    /** A step is done. */
    void measured(StepMetrics metrics, Progress progress);

    /** Something happened that a person should know. */
    void noted(String message);

    /** A checkpoint or resume point is on the disk; it stays there until the call returns. */
    void saved(Saved saved) throws IOException;

    /**
     * How far the training is.
     *
     * @param trainedTokens tokens gone through so far, prompts included
     */
    record Progress(long trainedTokens, Duration remaining) {}

    /**
     * What was saved.
     *
     * @param weights the directory of a checkpoint's weights; null for a mere resume point
     * @param resume the file from which training goes on
     * @param metrics of the step it was saved after; null where that is still to be measured, which no checkpoint is
     */
    record Saved(
            int step,
            @Nullable Path weights,
            Path resume,
            @Nullable StepMetrics metrics) {}
}

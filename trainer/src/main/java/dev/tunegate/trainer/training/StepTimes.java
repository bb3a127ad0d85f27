package dev.tunegate.trainer.training;

import java.util.List;

/** Where the time of training steps went, in nanoseconds; on a GPU only the sum means much, for it works on its own. */
public final class StepTimes {
    private long forward;
    private long backward;
    private long optimizer;

    void passes(long forwardNanos, long backwardNanos) {
        forward += forwardNanos;
        backward += backwardNanos;
    }

    /** Those of passes that went on at the same time count as their mean. */
    void sideBySide(List<StepTimes> passes) {
        for (StepTimes pass : passes) {
            forward += pass.forward / passes.size();
            backward += pass.backward / passes.size();
        }
    }

    void optimizer(long nanos) {
        optimizer += nanos;
    }

    /** Seconds from the tokens to the loss. */
    public double forwardSeconds() {
        return forward / 1e9;
    }

    /** Seconds from the loss to the gradients. */
    public double backwardSeconds() {
        return backward / 1e9;
    }

    /** Seconds for clipping and AdamW. */
    public double optimizerSeconds() {
        return optimizer / 1e9;
    }
}

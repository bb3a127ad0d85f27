package dev.tunegate.trainer.training;

/** Where the time of training steps went, in nanoseconds; on a GPU only the sum means much, for it works on its own. */
public final class StepTimes {
    private long forward;
    private long backward;
    private long optimizer;

    void passes(long forwardNanos, long backwardNanos) {
        forward += forwardNanos;
        backward += backwardNanos;
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

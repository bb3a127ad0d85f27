package dev.tunegate.trainer.training;

/** Training cannot go on; the message says what to change. */
public final class TrainingFailure extends RuntimeException {
    private final String code;

    public TrainingFailure(String code, String message) {
        super(message);
        this.code = code;
    }

    /** Short name of the reason, such as {@code non_finite_loss}. */
    public String code() {
        return code;
    }

    /**
     * The loss has left the numbers.
     *
     * @param what is not finite
     * @param lastCheckpoint the step of the last checkpoint, 0 for none
     */
    static TrainingFailure notFinite(String what, int step, double learningRate, int lastCheckpoint) {
        String kept = lastCheckpoint == 0 ? "" : " The checkpoint of step %d is kept.".formatted(lastCheckpoint);
        return new TrainingFailure(
                "non_finite_loss",
                "The training diverged: %s is not a finite number at step %d (learning rate %.2g).%s Use a smaller learning_rate_multiplier or learning_rate."
                        .formatted(what, step, learningRate, kept));
    }
}

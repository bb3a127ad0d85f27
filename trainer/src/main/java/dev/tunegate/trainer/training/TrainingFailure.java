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

    static TrainingFailure notFinite(int step, double learningRate) {
        return new TrainingFailure(
                "non_finite_loss",
                ("The training diverged: the loss or its gradient is not a finite number at step %d (learning rate %.2g)."
                                + " Use a smaller learning_rate_multiplier or learning_rate.")
                        .formatted(step, learningRate));
    }
}

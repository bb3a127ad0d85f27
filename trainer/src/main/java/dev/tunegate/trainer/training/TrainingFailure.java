package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;

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

    /** Not even one example goes through the model. */
    static TrainingFailure outOfMemory(int step, Batch batch) {
        return new TrainingFailure(
                "out_of_memory",
                "Step %d ran out of memory with a single example of %,d tokens. Use a smaller context_length or lora_r, a smaller model, or a worker with more memory."
                        .formatted(step, batch.tokens().length));
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

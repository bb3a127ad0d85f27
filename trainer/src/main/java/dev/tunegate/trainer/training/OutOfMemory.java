package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;

/** libtorch could not get the memory for a batch; nothing has been learned from the step it was in. */
public final class OutOfMemory extends RuntimeException {
    private final transient Batch batch;

    /** While {@code batch} went through the model. */
    public OutOfMemory(Batch batch, Throwable cause) {
        super("out of memory with %,d tokens at once".formatted(batch.tokens().length), cause);
        this.batch = batch;
    }

    /** What went through the model. */
    public Batch batch() {
        return batch;
    }
}

package dev.tunegate.trainer.training;

import ai.djl.engine.EngineException;
import dev.tunegate.trainer.dataset.Batch;
import java.util.Locale;

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

    /** Whether it is this that an engine's error reports, which has no type of its own. */
    public static boolean isReportedBy(Throwable failure) {
        if (!(failure instanceof EngineException)) {
            return false;
        }
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("out of memory")
                || message.contains("can't allocate memory")
                || message.contains("bad_alloc");
    }
}

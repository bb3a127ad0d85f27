package dev.tunegate.trainer.torch;

import ai.djl.engine.EngineException;
import java.util.Locale;

/** Tells libtorch's errors apart, by their words: they all have one type. */
public final class EngineErrors {
    private EngineErrors() {}

    /** Whether libtorch could not get the memory it needs. */
    public static boolean isOutOfMemory(Throwable failure) {
        if (!(failure instanceof EngineException)) {
            return false;
        }
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("out of memory")
                || message.contains("can't allocate memory")
                || message.contains("bad_alloc");
    }
}

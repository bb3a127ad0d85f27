package dev.tunegate.trainer.checkpoint;

/** A model, adapter or tensor file that cannot be used; the message names the file, the field and what is expected. */
public final class InvalidCheckpoint extends RuntimeException {
    public InvalidCheckpoint(String message) {
        super(message);
    }

    public InvalidCheckpoint(String message, Throwable cause) {
        super(message, cause);
    }
}

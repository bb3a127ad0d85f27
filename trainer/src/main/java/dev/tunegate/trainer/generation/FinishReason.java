package dev.tunegate.trainer.generation;

/** Why an answer ended. */
public enum FinishReason {
    /** The model ended its turn, or a stop string was met. */
    STOP,
    /** The answer reached its longest length or filled the model's context. */
    LENGTH,
    /** Nobody waits for the answer any more. */
    CANCELLED
}

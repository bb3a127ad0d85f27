package dev.tunegate.trainer.generation;

/** The model produced NaN or infinite logits. */
public final class NotANumber extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    NotANumber() {
        super("The model's output is not a number: its weights or its adapter have diverged.");
    }
}

package dev.tunegate.trainer.stop;

/** Ends work that nobody wants any more, see {@link Stop}. It is no failure: who asked for the end knows why. */
public final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An end without a trace: it says nothing that a log should hold. */
    public Stopped() {
        super("the work is not wanted any more", null, false, false);
    }
}

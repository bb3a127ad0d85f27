package dev.tunegate.trainer.stop;

/**
 * Tells work whether it is still wanted. Whatever may take longer than a moment asks between its pieces, be they lines,
 * layers or bytes, so that a cancelled job ends within two seconds wherever it is.
 */
@FunctionalInterface
public interface Stop {

    /** The work is wanted to its end. */
    Stop NEVER = () -> {};

    /**
     * Lets the work go on.
     *
     * @throws Stopped when it is not wanted any more
     */
    void check();
}

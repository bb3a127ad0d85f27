package dev.tunegate.trainer.checkpoint;

/**
 * What numbers a model's configuration may have: more than any model has, and so little that nothing computed from them
 * overflows, or takes long, before a single weight is read.
 */
final class Bounds {
    static final int VOCABULARY = 1 << 24;
    static final int WIDTH = 1 << 20;
    static final int LAYERS = 4096;
    static final int HEADS = 4096;
    static final int HEAD_DIM = 8192;
    static final int CONTEXT = 1 << 27;

    private Bounds() {}

    static void require(String field, int value, int most) {
        if (value < 1) {
            throw new InvalidCheckpoint(field + " is " + value + ", must be at least 1");
        }
        if (value > most) {
            throw new InvalidCheckpoint(field + " is " + value + ", must be at most " + most);
        }
    }

    static void requirePositive(String field, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new InvalidCheckpoint(field + " is " + value + ", must be a number above 0");
        }
    }
}

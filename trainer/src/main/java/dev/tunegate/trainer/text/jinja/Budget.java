package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.stop.Stop;

/**
 * What one rendering may still use up. Every evaluated node costs a step and every built text or list costs by its
 * size, so that neither a loop nor a doubling string can hang the trainer or fill its memory.
 */
final class Budget {

    static final int LONGEST_TEXT = 32 << 20;
    static final int LARGEST_LIST = 1 << 20;
    // A level takes several Java frames; this many fit the smallest usual stack, 512 kB, twice over.
    private static final int DEEPEST = 300;
    private static final long STEPS = 10_000_000;
    private static final int CHARACTERS_A_STEP = 64;
    /** So many steps take some milliseconds. */
    private static final int STEPS_A_LOOK = 1 << 16;

    private final Stop stop;
    private long left = STEPS;
    private long nextLook = STEPS;
    private int depth;

    /** @param stop ends the rendering before its budget does */
    Budget(Stop stop) {
        this.stop = stop;
    }

    void step() {
        spend(1);
    }

    /** Pays for a text of this length. */
    void text(long length) {
        built(length, length);
    }

    /** Pays for what was added to a text that is being built. */
    void built(long total, long added) {
        if (total > LONGEST_TEXT) {
            throw new TemplateError("builds a text longer than " + LONGEST_TEXT + " characters");
        }
        spend(added / CHARACTERS_A_STEP);
    }

    /** Pays for looking for one text in another, which at worst compares every character with every other. */
    void search(String text, String part) {
        spend((long) text.length() * part.length() / (CHARACTERS_A_STEP * CHARACTERS_A_STEP));
    }

    /** Pays for a list of this size. */
    void items(long size) {
        if (size > LARGEST_LIST) {
            throw new TemplateError("builds a list with more than " + LARGEST_LIST + " items");
        }
        spend(size);
    }

    /** Goes one level deeper: into an expression, a macro's call, a nested value. */
    void enter() {
        if (++depth > DEEPEST) {
            throw new TemplateError("is nested more than " + DEEPEST + " levels deep");
        }
    }

    void leave() {
        depth--;
    }

    private void spend(long steps) {
        left -= steps;
        if (left < nextLook) {
            stop.check();
            nextLook = left - STEPS_A_LOOK;
        }
        if (left < 0) {
            throw new TemplateError("does not end within " + STEPS + " steps");
        }
    }
}

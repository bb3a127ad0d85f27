package dev.tunegate.trainer.text.jinja;

import java.util.List;

/**
 * What a template wrote, and which parts of it came from where.
 *
 * @param text the whole text
 * @param generated what stood in {@code {% generation %}} blocks, in order
 * @param turns what each pass of a loop over the tracked values wrote, in order
 * @param complete whether every {@code {% generation %}} block wrote straight into the text; the place of one inside a
 *     macro or a captured block is not known
 */
public record Rendering(String text, List<Part> generated, List<Part> turns, boolean complete) {

    /** A part that belongs to no tracked value. */
    public static final int NO_ITEM = -1;

    /**
     * A part of the text.
     *
     * @param item which of the tracked values it was written for, or {@link #NO_ITEM}
     * @param start where it begins, in UTF-16 units
     * @param end where it ends
     */
    public record Part(int item, int start, int end) {}
}

package dev.tunegate.trainer.text;

/**
 * A half-open range of a text, in UTF-16 units as {@link String#substring} counts them.
 *
 * @param start the first unit
 * @param end the unit after the last
 */
public record Span(int start, int end) {

    /** Refuses a range that ends before it starts. */
    public Span {
        if (start < 0 || end < start) {
            throw new IllegalArgumentException("not a span: " + start + ".." + end);
        }
    }

    /** How many units the range covers. */
    public int length() {
        return end - start;
    }

    /** Whether the two ranges share a unit; an empty range counts as the point where it stands. */
    public boolean touches(Span other) {
        if (length() == 0) {
            return start >= other.start && start < other.end;
        }
        return start < other.end && other.start < end;
    }
}

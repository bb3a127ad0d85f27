package dev.tunegate.trainer.text;

import java.util.List;

/**
 * A text as token ids that remember where they came from.
 *
 * @param ids the token ids
 * @param spans for each token the characters it stands for; the tokens of one split character all name the whole
 *     character, and a token that stands for no character has an empty span
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and token ids are arrays everywhere else
public record Encoded(int[] ids, List<Span> spans) {

    /**
     * For each token whether it stands for a character of one of the ranges. A token that reaches over a range's
     * edge counts: leaving it out would leave a character of the range unlearned.
     *
     * @param ranges in order, not overlapping
     */
    public boolean[] within(List<Span> ranges) {
        boolean[] inside = new boolean[ids.length];
        int range = 0;
        for (int i = 0; i < ids.length; i++) {
            Span span = spans.get(i);
            while (range < ranges.size() && ranges.get(range).end() <= span.start()) {
                range++;
            }
            inside[i] = range < ranges.size() && span.touches(ranges.get(range));
        }
        return inside;
    }
}

package dev.tunegate.trainer.dataset;

import java.util.ArrayList;
import java.util.List;

/**
 * A file's examples, tokenized.
 *
 * @param <T> {@link Example} or {@link PreferencePair}
 * @param examples what to train on, in the file's order
 * @param contextLength how many tokens an example may have
 * @param truncated how many were longer and lost their end
 * @param dropped how many had nothing to learn in them, or nothing left after losing their end
 */
public record Dataset<T extends TrainingItem>(List<T> examples, int contextLength, int truncated, int dropped) {

    /** What a person should know about how the file was read; nothing when all is used as it stands. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        int all = examples.size() + dropped;
        if (truncated > 0) {
            notes.add("%d of %d examples are longer than %d tokens and were truncated at the end."
                    .formatted(truncated, all, contextLength));
        }
        if (dropped > 0) {
            notes.add(
                    "%d of %d examples have nothing to learn and were left out: what the assistant says has weight 0 or lies behind the cut."
                            .formatted(dropped, all));
        }
        return notes;
    }
}

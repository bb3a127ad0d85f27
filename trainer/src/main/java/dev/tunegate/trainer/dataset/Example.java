package dev.tunegate.trainer.dataset;

import java.util.List;

/**
 * One tokenized sequence.
 *
 * @param tokens its ids
 * @param trained whether each token is one to learn, not only to read
 */
@SuppressWarnings("ArrayRecordComponent") // millions of numbers: lists of boxes would cost a multiple
public record Example(int[] tokens, boolean[] trained) implements TrainingItem {

    public Example {
        if (tokens.length != trained.length) {
            throw new IllegalArgumentException(tokens.length + " tokens but " + trained.length + " trained flags");
        }
    }

    @Override
    public List<Example> sequences() {
        return List.of(this);
    }
}

package dev.tunegate.trainer.dataset;

/**
 * One tokenized training line.
 *
 * @param tokens its ids
 * @param trained whether each token is one to learn, not only to read
 */
@SuppressWarnings("ArrayRecordComponent") // millions of numbers: lists of boxes would cost a multiple
public record Example(int[] tokens, boolean[] trained) {

    public Example {
        if (tokens.length != trained.length) {
            throw new IllegalArgumentException(tokens.length + " tokens but " + trained.length + " trained flags");
        }
    }
}

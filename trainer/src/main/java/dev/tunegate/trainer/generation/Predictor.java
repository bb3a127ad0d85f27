package dev.tunegate.trainer.generation;

import java.util.List;

/**
 * A model, with or without an adapter, as generation sees it: sequences that grow by tokens and tell the logits of what
 * comes next. Used by one thread at a time.
 */
public interface Predictor {

    /** The most tokens a sequence can hold. */
    int contextLength();

    /** How many tokens there are; their ids are the numbers below. */
    int vocabularySize();

    /** An empty sequence. */
    Sequence open();

    /**
     * Appends {@code tokens.get(i)} (at least one) to {@code sequences.get(i)}.
     *
     * @return for each sequence the logits after its last token, {@code [sequences][vocabulary]}
     */
    float[][] append(List<Sequence> sequences, List<int[]> tokens);

    /** One sequence's keys and values, kept between calls. */
    interface Sequence extends AutoCloseable {
        @Override
        void close();
    }
}

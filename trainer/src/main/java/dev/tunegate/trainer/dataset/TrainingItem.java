package dev.tunegate.trainer.dataset;

import java.util.List;

/** What one training line became: a sequence to learn, or two answers to tell apart. */
public sealed interface TrainingItem permits Example, PreferencePair {

    /** Its sequences in the order in which a batch holds them. */
    List<Example> sequences();

    /** The tokens of all its sequences. */
    default int tokenCount() {
        return sequences().stream()
                .mapToInt(sequence -> sequence.tokens().length)
                .sum();
    }
}

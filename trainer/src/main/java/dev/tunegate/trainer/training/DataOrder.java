package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.TrainingItem;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Which examples a step sees: every epoch a new order, which depends on nothing but the seed and the epoch, so that a
 * resumed training needs no more than its step to go on in the same order.
 */
final class DataOrder {
    private final List<TrainingItem> examples;
    private final int batchSize;
    private final long seed;
    private int shuffledEpoch = -1;
    private List<TrainingItem> shuffled = List.of();

    DataOrder(List<? extends TrainingItem> examples, int batchSize, long seed) {
        this.examples = List.copyOf(examples);
        this.batchSize = batchSize;
        this.seed = seed;
    }

    int stepsPerEpoch() {
        return (examples.size() + batchSize - 1) / batchSize;
    }

    /** How many sequences every example has: two where it is a pair. */
    int sequencesPerItem() {
        return examples.get(0).sequences().size();
    }

    /** The examples of a step, counted from 1. */
    List<TrainingItem> batch(int step) {
        int epoch = (step - 1) / stepsPerEpoch();
        if (epoch != shuffledEpoch) {
            shuffled = new ArrayList<>(examples);
            Collections.shuffle(shuffled, new Random(31 * seed + epoch));
            shuffledEpoch = epoch;
        }
        int from = (step - 1) % stepsPerEpoch() * batchSize;
        return shuffled.subList(from, Math.min(from + batchSize, shuffled.size()));
    }

    boolean endsEpoch(int step) {
        return step % stepsPerEpoch() == 0;
    }
}

package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.TrainingItem;
import dev.tunegate.trainer.stop.Stop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The loss on examples that are not trained on: a sample every few steps, all of them after each epoch. */
final class Validation {
    private static final int MIN_SAMPLE = 8;
    /** A whole training measures about so many samples, so that they cost little. */
    private static final int SAMPLES = 50;

    private final List<TrainingItem> examples;
    private final int sampleSize;
    private final int interval;

    Validation(List<? extends TrainingItem> examples, int batchSize, int totalSteps, long seed) {
        this.examples = new ArrayList<>(examples);
        Collections.shuffle(this.examples, new Random(seed));
        this.sampleSize = Math.min(examples.size(), Math.max(MIN_SAMPLE, batchSize));
        this.interval = Math.max(1, totalSteps / SAMPLES);
    }

    /** Measures a sample of the examples; null where this step has none. */
    @Nullable
    Metrics sample(Learner learner, int batchTokens, int step, boolean endOfEpoch, Stop stop) {
        if (examples.isEmpty() || !(endOfEpoch || step % interval == 0)) {
            return null;
        }
        // Which sample depends on the step alone, so that a resumed training measures the same.
        int from = (int) ((long) (step / interval) * sampleSize % examples.size());
        List<TrainingItem> sample = new ArrayList<>();
        for (int i = 0; i < sampleSize; i++) {
            sample.add(examples.get((from + i) % examples.size()));
        }
        return learner.evaluate(Batch.split(sample, batchTokens), stop);
    }

    /** Measures all examples; null where there are none. */
    @Nullable
    Metrics full(Learner learner, int batchTokens, Stop stop) {
        return examples.isEmpty() ? null : learner.evaluate(Batch.split(examples, batchTokens), stop);
    }
}

package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.stop.Stop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a training minimises: the mean of a loss over terms, which are labels or pairs. */
interface Objective extends AutoCloseable {

    /** How many terms a batch has; one without any is left out. */
    long terms(Batch batch);

    /** What a forward pass measures. */
    Metrics evaluate(NDManager scope, Batch batch, Weights weights, Stop stop);

    /** What a pass has measured and a GPU may still be busy with: reading it waits for that. */
    @FunctionalInterface
    interface Measurement {
        Metrics read();
    }

    /**
     * A forward and a backward pass, which adds to the gradients.
     *
     * @param step what it measures lives there, to be read when the step is done
     * @param total what the sum of the losses is divided by: the terms of all batches of a step
     * @param how decides the dropout masks, and how gradients are computed
     */
    Measurement train(NDManager step, Batch batch, Tunable tunable, long total, Pass how, StepTimes times);

    /** How many sequences of a batch, one behind the other, make a term or several that cannot be taken apart. */
    int sequences();

    /**
     * What a pass is to do beside its computation.
     *
     * @param dropoutSeed decides the dropout masks
     * @param recompute whether layers are computed once more in the backward pass; only with {@code gradients}
     * @param gradients what a {@link dev.tunegate.trainer.model.TrainingPass} adds to, see {@link Tunable#gradients}; null for
     *     libtorch's autograd, which adds to {@link Tunable#parameters}
     * @param stop ends the pass
     */
    record Pass(
            long dropoutSeed, boolean recompute, @Nullable List<NDList> gradients, Stop stop) {}

    @Override
    void close();
}

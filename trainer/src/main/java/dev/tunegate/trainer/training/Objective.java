package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.Weights;

/** What a training minimises: the mean of a loss over terms, which are labels or pairs. */
interface Objective extends AutoCloseable {

    /** How many terms a batch has; one without any is left out. */
    long terms(Batch batch);

    /** What a forward pass measures. */
    Metrics evaluate(NDManager scope, Batch batch, Weights weights);

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
     * @param how decides the dropout masks, and whether layers are computed once more in the backward pass
     */
    Measurement train(NDManager step, Batch batch, Tunable tunable, long total, Pass how, StepTimes times);

    /**
     * What a pass is to do beside its computation.
     *
     * @param dropoutSeed decides the dropout masks
     * @param recompute whether layers are computed once more in the backward pass; only where {@link Tunable#gradients} are
     */
    record Pass(long dropoutSeed, boolean recompute) {}

    @Override
    void close();
}

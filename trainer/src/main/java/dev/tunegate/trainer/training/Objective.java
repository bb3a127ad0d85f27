package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.Weights;
import java.util.function.Supplier;

/** What a training minimises: the mean of a loss over terms, which are labels or pairs. */
interface Objective extends AutoCloseable {

    /** How many terms a batch has; one without any is left out. */
    long terms(Batch batch);

    /**
     * The forward pass of a batch.
     *
     * @param total what the sum of the losses is divided by: the terms of all batches of a step
     * @param gradients whether a backward pass will follow
     */
    Pass forward(NDManager scope, Batch batch, Weights weights, long total, boolean gradients);

    @Override
    void close();

    /**
     * A forward pass's result.
     *
     * @param loss a scalar: what to differentiate
     * @param metrics reads what was measured; best after the backward pass, since it waits for the device
     */
    record Pass(NDArray loss, Supplier<Metrics> metrics) {}
}

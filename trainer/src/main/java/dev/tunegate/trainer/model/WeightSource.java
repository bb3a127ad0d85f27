package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Where the values of a model's arrays come from.
 *
 * @param <E> what getting them may throw
 */
@FunctionalInterface
public interface WeightSource<E extends Exception> {

    /** The values in {@code scope}, or an array that belongs to the model. */
    NDArray values(WeightLayout.Weight weight, NDManager scope) throws E;
}

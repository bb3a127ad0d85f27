package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tunegate.trainer.checkpoint.Rope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The frequencies of a rotary embedding as arrays: {@code [1 or 2, dimensions / 2]}, the second row being that of sequences
 * longer than the boundary.
 *
 * @param magnitude a factor of cosines and sines, in the host's memory
 */
record RotaryTable(NDArray frequencies, NDArray magnitude, int boundary) {

    /** Makes the table of a rotary embedding; a model that has none rotates no dimension. */
    static RotaryTable of(NDManager manager, Decoder decoder, @Nullable Rope rope, int headDim) {
        if (rope == null) {
            NDArray none = decoder.placed(manager, manager.zeros(new Shape(1, 0), DataType.FLOAT32));
            return new RotaryTable(none, manager.create(1.0f), Integer.MAX_VALUE);
        }
        double[] near = rope.frequencies(headDim, false);
        double[] far = rope.frequencies(headDim, true);
        boolean two = rope.scaling().boundary() < Integer.MAX_VALUE;
        float[] all = new float[near.length * (two ? 2 : 1)];
        for (int i = 0; i < near.length; i++) {
            all[i] = (float) near[i];
            if (two) {
                all[near.length + i] = (float) far[i];
            }
        }
        return new RotaryTable(
                decoder.placed(manager, manager.create(all, new Shape(two ? 2 : 1, near.length))),
                manager.create((float) rope.scaling().magnitude()),
                rope.scaling().boundary());
    }

    boolean isBeyond(int length) {
        return length > boundary;
    }

    /**
     * The last arguments of the operator {@code rope}.
     *
     * @param lengths for each token how long its sequence is
     */
    NDList arguments(NDManager scope, Decoder decoder, int[] lengths) {
        long[] rows = new long[0];
        if (boundary < Integer.MAX_VALUE) {
            rows = Arrays.stream(lengths)
                    .mapToLong(length -> isBeyond(length) ? 1 : 0)
                    .toArray();
        }
        return new NDList(frequencies, magnitude, decoder.placed(scope, scope.create(rows)));
    }
}

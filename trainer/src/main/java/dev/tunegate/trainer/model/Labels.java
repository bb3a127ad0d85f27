package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;

/**
 * The positions of a batch that have a label.
 *
 * @param positions their places in the batch
 * @param wanted their labels
 * @param sequences the sequences they belong to
 */
@SuppressWarnings("ArrayRecordComponent") // becomes arrays of libtorch at once
record Labels(long[] positions, long[] wanted, long[] sequences) {

    static Labels of(Batch batch) {
        int count = batch.trainedTokens();
        Labels labels = new Labels(new long[count], new long[count], new long[count]);
        int n = 0;
        int i = 0;
        for (int s = 0; s < batch.lengths().length; s++) {
            for (int end = i + batch.lengths()[s]; i < end; i++) {
                if (batch.labels()[i] != Batch.IGNORED) {
                    labels.positions[n] = i;
                    labels.wanted[n] = batch.labels()[i];
                    labels.sequences[n++] = s;
                }
            }
        }
        return labels;
    }

    /** What the operators of the head take first. */
    NDList arguments(NDManager scope, Decoder decoder, NDArray hidden, Weights weights) {
        return new NDList(hidden)
                .addAll(weights.head())
                .addAll(new NDList(
                        decoder.placed(scope, scope.create(positions)), decoder.placed(scope, scope.create(wanted))));
    }
}

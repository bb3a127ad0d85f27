package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Weights;

/** Supervised training: the mean cross entropy of the labels. */
record NextTokens(LanguageModel model) implements Objective {

    @Override
    public long terms(Batch batch) {
        return batch.trainedTokens();
    }

    @Override
    public Pass forward(NDManager scope, Batch batch, Weights weights, long total, boolean gradients) {
        LanguageModel.Loss loss = model.loss(scope, batch, weights, total, gradients);
        int labels = batch.trainedTokens();
        return new Pass(
                loss.scaled(),
                () -> new Metrics(loss.sum().getFloat(), labels, loss.correct().getLong(), 0));
    }

    @Override
    public void close() {
        // The model is its owner's.
    }
}

package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.TrainingPass;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.torch.Torch;
import java.util.Arrays;
import java.util.List;

/** Supervised training: the mean cross entropy of the labels. */
record NextTokens(LanguageModel model) implements Objective {

    @Override
    public long terms(Batch batch) {
        return batch.trainedTokens();
    }

    @Override
    public Metrics evaluate(NDManager scope, Batch batch, Weights weights) {
        return metrics(batch, model.loss(scope, batch, weights, 1, false));
    }

    @Override
    public Metrics train(NDManager scope, Batch batch, Tunable tunable, long total, long dropoutSeed, StepTimes times) {
        List<NDList> gradients = tunable.gradients();
        return gradients == null
                ? trainByAutograd(scope, batch, tunable, total, dropoutSeed, times)
                : train(scope, batch, tunable, gradients, total, dropoutSeed, times);
    }

    private Metrics train(
            NDManager scope,
            Batch batch,
            Tunable tunable,
            List<NDList> gradients,
            long total,
            long dropoutSeed,
            StepTimes times) {
        long begin = System.nanoTime();
        float[] each = new float[batch.trainedTokens()];
        Arrays.fill(each, 1f / total);
        try (TrainingPass pass = model.pass(scope, batch, tunable.droppingWeights(), dropoutSeed, false)) {
            TrainingPass.Sums sums = pass.loss(each);
            Metrics metrics = new Metrics(
                    sums.loss().getFloat(),
                    batch.trainedTokens(),
                    sums.correct().getLong(),
                    0);
            long middle = System.nanoTime();
            pass.backward(gradients);
            times.passes(middle - begin, System.nanoTime() - middle);
            return metrics;
        }
    }

    private Metrics trainByAutograd(
            NDManager scope, Batch batch, Tunable tunable, long total, long dropoutSeed, StepTimes times) {
        long begin = System.nanoTime();
        Torch.seed(dropoutSeed);
        LanguageModel.Loss loss = model.loss(scope, batch, tunable.trainingWeights(scope), total, true);
        long middle = System.nanoTime();
        Torch.backward(loss.scaled());
        times.passes(middle - begin, System.nanoTime() - middle);
        return metrics(batch, loss);
    }

    private static Metrics metrics(Batch batch, LanguageModel.Loss loss) {
        return new Metrics(
                loss.sum().getFloat(), batch.trainedTokens(), loss.correct().getLong(), 0);
    }

    @Override
    public void close() {
        // The model is its owner's.
    }
}

package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.TrainingPass;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.stop.Stop;
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
    public Metrics evaluate(NDManager scope, Batch batch, Weights weights, Stop stop) {
        if (model.prefersAutograd()) {
            LanguageModel.Loss loss = model.loss(scope, batch, weights, 1, false);
            return measurement(scope, batch, loss.sum(), loss.correct()).read();
        }
        try (TrainingPass pass = model.pass(scope, batch, weights, 0, true, stop)) {
            TrainingPass.Sums sums = pass.measure();
            return measurement(scope, batch, sums.loss(), sums.correct()).read();
        }
    }

    @Override
    public Measurement train(NDManager step, Batch batch, Tunable tunable, long total, Pass how, StepTimes times) {
        List<NDList> gradients = how.gradients();
        return gradients == null
                ? trainByAutograd(step, batch, tunable, total, how.dropoutSeed(), times)
                : train(step, batch, tunable, gradients, total, how, times);
    }

    private Measurement train(
            NDManager step,
            Batch batch,
            Tunable tunable,
            List<NDList> gradients,
            long total,
            Pass how,
            StepTimes times) {
        long begin = System.nanoTime();
        float[] each = new float[batch.trainedTokens()];
        Arrays.fill(each, 1f / total);
        try (NDManager scope = step.newSubManager();
                TrainingPass pass = model.pass(
                        scope, batch, tunable.droppingWeights(), how.dropoutSeed(), how.recompute(), how.stop())) {
            TrainingPass.Sums sums = pass.loss(each);
            long middle = System.nanoTime();
            pass.backward(gradients);
            times.passes(middle - begin, System.nanoTime() - middle);
            return measurement(step, batch, sums.loss(), sums.correct());
        }
    }

    private Measurement trainByAutograd(
            NDManager step, Batch batch, Tunable tunable, long total, long dropoutSeed, StepTimes times) {
        long begin = System.nanoTime();
        Torch.seed(dropoutSeed);
        try (NDManager scope = step.newSubManager()) {
            LanguageModel.Loss loss = model.loss(scope, batch, tunable.trainingWeights(scope), total, true);
            long middle = System.nanoTime();
            Torch.backward(loss.scaled());
            times.passes(middle - begin, System.nanoTime() - middle);
            return measurement(step, batch, loss.sum(), loss.correct());
        }
    }

    private static Measurement measurement(NDManager owner, Batch batch, NDArray sum, NDArray correct) {
        sum.attach(owner);
        correct.attach(owner);
        return () -> new Metrics(sum.getFloat(), batch.trainedTokens(), correct.getLong(), 0);
    }

    @Override
    public int sequences() {
        return 1;
    }

    @Override
    public void close() {
        // The model is its owner's.
    }
}

package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.PreferencePair;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.LanguageModel.LogProbabilities;
import dev.tunegate.trainer.model.TrainingPass;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Torch;
import java.util.List;
import java.util.Map;

/**
 * Direct preference optimization (Rafailov et al. 2023, equation 7), TRL's sigmoid loss: the policy is to prefer the chosen
 * answers to the rejected ones more than its reference does. Takes batches of {@link PreferencePair}s. The reference shares
 * the policy's base weights, so that it costs a forward pass and no memory.
 */
final class Preferences implements Objective {
    private final LanguageModel model;
    private final Weights reference;
    private final Runnable closeReference;
    private final NDManager manager;
    private final OpPack ops;
    private final NDArray beta;

    /**
     * Compares with the model itself, or with the adapter that training starts from.
     *
     * @param reference the weights that the policy is held to
     * @param beta how closely; more holds it closer
     * @param closeReference frees what the reference has beyond the model
     */
    Preferences(LanguageModel model, Weights reference, double beta, Runnable closeReference) {
        this.model = model;
        this.reference = reference;
        this.closeReference = closeReference;
        manager = model.newSubManager();
        ops = OpPack.load(manager, Preferences.class, "dpo.py", Map.of());
        this.beta = manager.create((float) beta);
    }

    @Override
    public long terms(Batch batch) {
        if (batch.lengths().length % 2 != 0) {
            throw new IllegalArgumentException(batch.lengths().length + " sequences are not pairs");
        }
        return batch.lengths().length / 2;
    }

    @Override
    public Metrics evaluate(NDManager scope, Batch batch, Weights weights, Stop stop) {
        NDArray expected = referenceSums(scope, batch, stop);
        LogProbabilities policy = logProbabilities(scope, batch, weights, stop);
        return measurement(scope, batch, compare(scope, policy, expected, 1, false), policy.correct())
                .read();
    }

    @Override
    public Measurement train(NDManager step, Batch batch, Tunable tunable, long total, Pass how, StepTimes times) {
        List<NDList> gradients = how.gradients();
        try (NDManager scope = step.newSubManager()) {
            return gradients == null
                    ? trainByAutograd(step, scope, batch, tunable, total, how, times)
                    : train(step, scope, batch, tunable, gradients, total, how, times);
        }
    }

    private Measurement train(
            NDManager step,
            NDManager scope,
            Batch batch,
            Tunable tunable,
            List<NDList> gradients,
            long total,
            Pass how,
            StepTimes times) {
        long begin = System.nanoTime();
        NDArray expected = referenceSums(scope, batch, how.stop());
        try (TrainingPass pass =
                model.pass(scope, batch, tunable.droppingWeights(), how.dropoutSeed(), how.recompute(), how.stop())) {
            LogProbabilities policy = pass.logProbabilities();
            NDList results = compare(scope, policy, expected, total, false);
            pass.loss(crossEntropyWeights(batch, policy.sums(), expected, total));
            long middle = System.nanoTime();
            pass.backward(gradients);
            times.passes(middle - begin, System.nanoTime() - middle);
            return measurement(step, batch, results, policy.correct());
        }
    }

    private Measurement trainByAutograd(
            NDManager step, NDManager scope, Batch batch, Tunable tunable, long total, Pass how, StepTimes times) {
        long begin = System.nanoTime();
        NDArray expected = referenceSums(scope, batch, how.stop());
        Torch.seed(how.dropoutSeed());
        LogProbabilities policy = model.logProbabilities(scope, batch, tunable.trainingWeights(scope), true);
        NDList results = compare(scope, policy, expected, total, true);
        long middle = System.nanoTime();
        Torch.backward(results.get(0));
        times.passes(middle - begin, System.nanoTime() - middle);
        return measurement(step, batch, results, policy.correct());
    }

    private NDList compare(NDManager scope, LogProbabilities policy, NDArray expected, long total, boolean gradients) {
        NDList arguments = new NDList(policy.sums(), expected, beta, scope.create((float) total));
        return gradients ? ops.callWithGradients(scope, "loss", arguments) : ops.call(scope, "loss", arguments);
    }

    /**
     * The loss's derivative with respect to each label's cross entropy: of a pair with margin m, {@code beta sigmoid(-m)} for
     * the labels of the chosen sequence, the negative of it for those of the rejected one (Rafailov et al. 2023, section 4).
     */
    private float[] crossEntropyWeights(Batch batch, NDArray policySums, NDArray expectedSums, long total) {
        float[] policy = policySums.toFloatArray();
        float[] expected = expectedSums.toFloatArray();
        double factor = beta.getFloat();
        float[] weights = new float[batch.trainedTokens()];
        int n = 0;
        int i = 0;
        for (int s = 0; s < policy.length; s++) {
            int chosen = s - s % 2;
            double margin = factor
                    * (((double) policy[chosen] - expected[chosen])
                            - ((double) policy[chosen + 1] - expected[chosen + 1]));
            double weight = factor / (1 + Math.exp(margin)) / total;
            for (int end = i + batch.lengths()[s]; i < end; i++) {
                if (batch.labels()[i] != Batch.IGNORED) {
                    weights[n++] = (float) (s == chosen ? weight : -weight);
                }
            }
        }
        return weights;
    }

    private NDArray referenceSums(NDManager scope, Batch batch, Stop stop) {
        return logProbabilities(scope, batch, reference, stop).sums();
    }

    /** Measures with the operators that train, so that a policy which is its reference has a margin of exactly zero. */
    private LogProbabilities logProbabilities(NDManager scope, Batch batch, Weights weights, Stop stop) {
        // Everything else of this pass is freed before another begins.
        try (NDManager temporary = scope.newSubManager()) {
            LogProbabilities results;
            if (model.prefersAutograd()) {
                results = model.logProbabilities(temporary, batch, weights, false);
            } else {
                TrainingPass pass = model.pass(temporary, batch, weights, 0, true, stop); // closed with its manager
                results = pass.logProbabilities();
            }
            results.sums().attach(scope);
            results.correct().attach(scope);
            return results;
        }
    }

    private static Measurement measurement(NDManager owner, Batch batch, NDList results, NDArray correct) {
        results.attach(owner);
        correct.attach(owner);
        return () -> metrics(batch, results, correct);
    }

    /** The accuracy of tokens is that of the chosen answers, as in TRL. */
    private static Metrics metrics(Batch batch, NDList results, NDArray correct) {
        float[] hits = correct.toFloatArray();
        long chosenHits = 0;
        long chosenTokens = 0;
        int start = 0;
        for (int s = 0; s < hits.length; s++) {
            int end = start + batch.lengths()[s];
            for (; start < end; start++) {
                boolean labelled = batch.labels()[start] != Batch.IGNORED;
                chosenTokens += s % 2 == 0 && labelled ? 1 : 0;
            }
            chosenHits += s % 2 == 0 ? (long) hits[s] : 0;
        }
        var rewards = new Metrics.Rewards(
                results.get(2).getFloat(),
                results.get(3).getFloat(),
                results.get(4).getLong(),
                hits.length / 2);
        return new Metrics(results.get(1).getFloat(), chosenTokens, chosenHits, 0, rewards);
    }

    @Override
    public int sequences() {
        return 2;
    }

    @Override
    public void close() {
        ops.close();
        manager.close();
        closeReference.run();
    }
}

package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.PreferencePair;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.LanguageModel.LogProbabilities;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.torch.OpPack;
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
    public Pass forward(NDManager scope, Batch batch, Weights weights, long total, boolean gradients) {
        NDArray expected = referenceSums(scope, batch);
        LogProbabilities policy = model.logProbabilities(scope, batch, weights, gradients);
        NDList arguments = new NDList(policy.sums(), expected, beta, scope.create((float) total));
        NDList results =
                gradients ? ops.callWithGradients(scope, "loss", arguments) : ops.call(scope, "loss", arguments);
        return new Pass(results.get(0), () -> metrics(batch, results, policy.correct()));
    }

    private NDArray referenceSums(NDManager scope, Batch batch) {
        // Everything else of this pass is freed before the policy's begins.
        try (NDManager temporary = scope.newSubManager()) {
            NDArray sums =
                    model.logProbabilities(temporary, batch, reference, false).sums();
            sums.attach(scope);
            return sums;
        }
    }

    /** The accuracy of tokens is that of the chosen answers, as in TRL. */
    private Metrics metrics(Batch batch, NDList results, NDArray correct) {
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
    public void close() {
        ops.close();
        manager.close();
        closeReference.run();
    }
}

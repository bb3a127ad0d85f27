package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Torch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A forward pass of a batch through a frozen model with LoRA weights and the backward pass after it, by the operators of
 * {@code backward.py}. What a layer's backward pass needs is kept in between, or computed once more.
 */
public final class TrainingPass implements AutoCloseable {
    private static final String OUT = "out";

    private final Decoder decoder;
    private final OpPack ops;
    private final NDManager manager;
    private final Decoder.Packed packed;

    /** What a block of queries sees, see {@code block_mask}. */
    private final Decoder.PerLayer<NDArray> masks;

    private final Batch batch;
    private final Weights weights;
    private final long dropoutSeed;
    private final boolean recompute;
    private final Stop stop;

    /** Each layer's input {@code [tokens, hidden]}. */
    private final List<NDArray> inputs = new ArrayList<>();

    /** What each layer's forward pass left, in a manager of its own; empty where it is computed once more. */
    private final List<NDManager> kept = new ArrayList<>();

    private final List<NDList> states = new ArrayList<>();
    private @Nullable NDArray hidden;
    private @Nullable NDArray gradient;

    TrainingPass(
            Decoder decoder,
            OpPack ops,
            NDManager scope,
            Decoder.Packed packed,
            Decoder.PerLayer<NDArray> masks,
            Batch batch,
            Weights weights,
            long dropoutSeed,
            boolean recompute,
            Stop stop) {
        this.decoder = decoder;
        this.ops = ops;
        this.manager = scope.newSubManager();
        this.packed = packed;
        this.masks = masks;
        this.batch = batch;
        this.weights = weights;
        this.dropoutSeed = dropoutSeed;
        this.recompute = recompute;
        this.stop = stop;
    }

    /**
     * What is measured of all labels, each a scalar.
     *
     * @param loss the sum of the labels' cross entropies (natural logarithm)
     * @param correct how many labels are the token with the highest logit
     */
    public record Sums(NDArray loss, NDArray correct) {}

    /** The sum of the labels' cross entropies; nothing that {@link #backward} needs. */
    public Sums measure() {
        NDList results = ops.call(manager, "measure", Labels.of(batch).arguments(manager, decoder, hidden(), weights));
        return new Sums(results.get(0), results.get(1));
    }

    /** How likely the labels of each sequence are; nothing that {@link #backward} needs. */
    public LanguageModel.LogProbabilities logProbabilities() {
        Labels labels = Labels.of(batch);
        NDList arguments = labels.arguments(manager, decoder, hidden(), weights);
        arguments.add(decoder.placed(manager, manager.create(labels.sequences())));
        arguments.add(decoder.placed(manager, manager.zeros(new Shape(batch.lengths().length))));
        NDList results = ops.call(manager, "measure_sequences", arguments);
        return new LanguageModel.LogProbabilities(results.get(0), results.get(1));
    }

    /**
     * Computes the labels' cross entropies, and at once the gradient of their weighted sum down to the last layer's output,
     * since logits are not kept.
     *
     * @param each the weight of each label's cross entropy
     */
    public Sums loss(float[] each) {
        NDList arguments = Labels.of(batch).arguments(manager, decoder, hidden(), weights);
        arguments.add(decoder.placed(manager, manager.create(each)));
        NDList results = ops.call(manager, "loss_backward", arguments);
        gradient = results.get(2);
        return new Sums(results.get(0), results.get(1));
    }

    /** The last layer's output: {@code [tokens, hidden]}. */
    private NDArray hidden() {
        NDArray x = hidden;
        if (x == null) {
            x = packed.embeddings();
            for (int i = 0; i < weights.layers().size(); i++) {
                x = layer(i, x);
            }
            hidden = x;
        }
        return x;
    }

    private NDArray layer(int layer, NDArray x) {
        inputs.add(x);
        NDManager scope = manager.newSubManager();
        NDList state = forward(scope, layer);
        NDArray out = state.get(OUT);
        out.attach(manager);
        out.setName("");
        if (recompute) {
            scope.close();
        } else {
            kept.add(scope);
            states.add(state);
        }
        return out;
    }

    private NDList places(int layer) {
        return packed.places(layer).addAll(new NDList(masks.of(layer)));
    }

    private NDList forward(NDManager scope, int layer) {
        stop.check();
        // A layer that is computed once more draws the same masks.
        Torch.seed(dropoutSeed + layer);
        NDList arguments = new NDList(inputs.get(layer))
                .addAll(weights.layers().get(layer))
                .addAll(places(layer));
        return ops.call(scope, "layer_forward", arguments);
    }

    /**
     * Adds the gradients of the weighted sum to those of an adapter; once, after {@link #loss}.
     *
     * @param gradients what the adapter's {@link Tunable#gradients} says
     */
    public void backward(List<NDList> gradients) {
        NDArray dy = gradient;
        if (dy == null) {
            throw new IllegalStateException("no loss to differentiate");
        }
        gradient = null;
        int lowest = 0;
        while (gradients.get(lowest).isEmpty()) {
            lowest++;
        }
        NDArray none = manager.create(0f);
        none.setName("g.none");
        for (int i = weights.layers().size() - 1; i >= lowest; i--) {
            stop.check();
            NDManager scope = recompute ? manager.newSubManager() : kept.get(i);
            NDList state = recompute ? forward(scope, i) : states.get(i);
            NDList arguments = new NDList(dy, inputs.get(i));
            for (NDArray array : state) {
                if (!array.getName().equals(OUT) && !array.getName().isEmpty()) {
                    array.setName("s." + array.getName());
                    arguments.add(array);
                }
            }
            arguments.addAll(weights.layers().get(i)).addAll(gradients.get(i)).addAll(places(i));
            NDArray dx = ops.call(manager, "layer_backward", arguments).get(0);
            dy.close();
            scope.close();
            inputs.get(i).close();
            dy = dx;
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}

package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.torch.OpPack;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The forward pass: the operators of {@code decoder.py} over any {@link Weights}, with or without gradients. */
final class Decoder implements AutoCloseable {

    /** Longer sequences go through libtorch's fused attention; a matrix of their scores would not fit the caches. */
    private static final int LONGEST_SCORES = 1024;

    private final ModelConfig config;
    private final OpPack ops;
    private final NDArray frequencies;

    Decoder(NDManager manager, ModelConfig config) {
        this.config = config;
        ops = OpPack.load(
                manager,
                Decoder.class,
                "decoder.py",
                Map.of(
                        "heads", config.heads(),
                        "key_value_heads", config.keyValueHeads(),
                        "head_dim", config.headDim(),
                        "norm_epsilon", config.normEpsilon(),
                        "attention_scale", 1 / Math.sqrt(config.headDim())));
        double[] angles = config.rope().frequencies(config.headDim());
        float[] single = new float[angles.length];
        for (int i = 0; i < single.length; i++) {
            single[i] = (float) angles[i];
        }
        frequencies = manager.create(single);
    }

    /** The last layer's output for each token, not yet normalised: {@code [tokens, hidden]}. */
    NDArray hidden(NDManager scope, Batch batch, Weights weights, boolean gradients) {
        PackedLayout layout = PackedLayout.of(batch);
        NDArray x = embed(scope, batch.tokens(), weights, gradients);
        NDList rope = ops.call(scope, "rope", scope.create(layout.positions()), frequencies, x);
        NDList rest = new NDList(rope).addAll(new NDList(scope.create(layout.restore())));
        for (PackedLayout.Group group : layout.groups()) {
            NDArray index = scope.create(group.index(), new Shape(group.sequences(), group.longest()));
            index.setName("index[]");
            rest.add(index);
            NDArray mask = group.longest() > LONGEST_SCORES
                    ? scope.create(new Shape(0), DataType.FLOAT32)
                    : causalMask(scope, group.longest(), group.longest(), x);
            mask.setName("mask[]");
            rest.add(mask);
        }
        for (NDList layer : weights.layers()) {
            x = run(scope, "layer", new NDList(x).addAll(layer).addAll(rest), gradients)
                    .get(0);
        }
        return x;
    }

    /** Float32 logits of some of a batch's tokens: {@code [positions, vocabulary]}. */
    NDArray logits(NDManager scope, NDArray hidden, Weights weights, long[] positions) {
        return ops.call(scope, "logits", hidden, weights.norm(), weights.head(), scope.create(positions))
                .get(0);
    }

    /** Of the positions with a label: cross entropy / total, the sum of cross entropies, and the correct predictions. */
    NDList loss(NDManager scope, NDArray hidden, Weights weights, Batch batch, long total, boolean gradients) {
        int[] labels = batch.labels();
        long[] positions = new long[batch.trainedTokens()];
        long[] wanted = new long[positions.length];
        int n = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] != Batch.IGNORED) {
                positions[n] = i;
                wanted[n++] = labels[i];
            }
        }
        NDList arguments = new NDList(
                hidden,
                weights.norm(),
                weights.head(),
                scope.create(positions),
                scope.create(wanted),
                scope.create((float) total));
        return run(scope, "loss", arguments, gradients);
    }

    /** The last layer's output for the next tokens of one sequence, whose keys and values join the cache. */
    NDArray next(NDManager scope, KvCache cache, int[] tokens, Weights weights) {
        int past = cache.length();
        long[] positions = new long[tokens.length];
        Arrays.setAll(positions, i -> past + i);
        NDArray x = embed(scope, tokens, weights, false);
        NDList rope = ops.call(scope, "rope", scope.create(positions), frequencies, x);
        // A single token sees everything: no mask.
        NDArray mask = tokens.length == 1
                ? scope.create(new Shape(0), DataType.FLOAT32)
                : causalMask(scope, tokens.length, past + tokens.length, x);
        NDArray first = scope.create((long) past);
        for (int i = 0; i < config.layers(); i++) {
            NDList arguments = new NDList(x)
                    .addAll(weights.layers().get(i))
                    .addAll(rope)
                    .addAll(new NDList(mask, first, cache.keys(i), cache.values(i)));
            x = ops.call(scope, "layer_next", arguments).get(0);
        }
        cache.advance(tokens.length);
        return x;
    }

    /** The last layer's output for one more token of each sequence, whose keys and values join the caches. */
    NDArray step(NDManager scope, List<KvCache> caches, int[] tokens, Weights weights) {
        long[] positions = caches.stream().mapToLong(KvCache::length).toArray();
        NDArray x = embed(scope, tokens, weights, false);
        NDArray past = scope.create(positions);
        NDList rope = ops.call(scope, "rope", past, frequencies, x);
        for (int i = 0; i < config.layers(); i++) {
            NDList arguments =
                    new NDList(x).addAll(weights.layers().get(i)).addAll(rope).addAll(new NDList(past));
            for (KvCache cache : caches) {
                arguments.add(cache.keys(i));
                arguments.add(cache.values(i));
            }
            x = ops.call(scope, "layer_step", arguments).get(0);
        }
        caches.forEach(cache -> cache.advance(1));
        return x;
    }

    NDArray zeros(NDManager owner, NDArray like, Shape shape) {
        try (NDArray sizes = owner.create(shape.getShape())) {
            return ops.call(owner, "zeros", like, sizes).get(0);
        }
    }

    NDArray grown(NDManager owner, NDArray cache, int used, int capacity) {
        try (NDManager scope = owner.newSubManager()) {
            return ops.call(owner, "grown", cache, scope.create((long) used), scope.create((long) capacity))
                    .get(0);
        }
    }

    private NDArray embed(NDManager scope, int[] tokens, Weights weights, boolean gradients) {
        long[] ids = Arrays.stream(tokens).asLongStream().toArray();
        return run(scope, "embed", new NDList(weights.embedding(), scope.create(ids)), gradients)
                .get(0);
    }

    private NDArray causalMask(NDManager scope, int queries, int keys, NDArray like) {
        return ops.call(scope, "causal_mask", scope.create((long) queries), scope.create((long) keys), like)
                .get(0);
    }

    private NDList run(NDManager scope, String method, NDList arguments, boolean gradients) {
        return gradients ? ops.callWithGradients(scope, method, arguments) : ops.call(scope, method, arguments);
    }

    @Override
    public void close() {
        ops.close();
    }
}

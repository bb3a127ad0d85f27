package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Rope;
import dev.tunegate.trainer.checkpoint.Switches;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Products;
import dev.tunegate.trainer.torch.Torch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forward pass: the operators of {@code decoder.py} over any {@link Weights}, with or without gradients. */
final class Decoder implements AutoCloseable {

    /** Longer sequences go through libtorch's fused attention; a matrix of their scores would not fit a CPU's caches. */
    private static final int LONGEST_SCORES = 1024;

    private final ModelConfig config;
    private final OpPack ops;
    private final RotaryTable rotary;
    private final @Nullable RotaryTable windowedRotary;

    Decoder(NDManager manager, ModelConfig config, ComputeType type) {
        this.config = config;
        OpPack loaded = OpPack.load(
                manager,
                Decoder.class,
                List.of("decoder.py", "backward.py", Products.fastest(type.stored())),
                attributes(config, type));
        ops = ComputeType.isTiny(config) ? loaded.withThreads(1) : loaded;
        Rope rope = config.rope();
        rotary = RotaryTable.of(manager, this, rope, config.headDim());
        windowedRotary = config.switches()
                .windowedRope()
                .map(other -> RotaryTable.of(manager, this, other, config.headDim()))
                .orElse(null);
    }

    private static Map<String, Object> attributes(ModelConfig config, ComputeType type) {
        Switches switches = config.switches();
        Map<String, Object> attributes = new HashMap<>(BlockSizes.attributes());
        attributes.put("heads", config.heads());
        attributes.put("key_value_heads", config.keyValueHeads());
        attributes.put("head_dim", config.headDim());
        attributes.put("norm_epsilon", config.normEpsilon());
        attributes.put("norm_plus_one", switches.norm() == Switches.Norm.RMS_PLUS_ONE);
        attributes.put("layer_norm", switches.norm() == Switches.Norm.LAYER);
        attributes.put("silu", switches.activation() == Switches.Activation.SILU);
        attributes.put("gelu_tanh", switches.activation() == Switches.Activation.GELU_TANH);
        attributes.put("embedding_scale", switches.embeddingScale());
        attributes.put("attention_scale", switches.attentionScale());
        attributes.put("attention_cap", switches.attentionCap());
        attributes.put("logit_cap", switches.logitCap());
        attributes.put("window", switches.window());
        attributes.put("bfloat16", type == ComputeType.BF16);
        return attributes;
    }

    /**
     * Whether sequences of any length go through libtorch's fused attention, which on a GPU is flash attention (Dao 2023): it
     * knows neither windows nor caps.
     */
    static boolean fusesAttention(ModelConfig config) {
        Switches switches = config.switches();
        return Torch.device().isCuda() && switches.window() == 0 && switches.attentionCap() == 0;
    }

    /** An array of the host's memory on the device; a copy to a GPU waits for nothing that it still has to do. */
    NDArray placed(NDManager scope, NDArray host) {
        if (!Torch.device().isCuda()) {
            return host;
        }
        NDArray placed = ops.call(scope, "placed", host).get(0);
        host.close();
        return placed;
    }

    /** Whether a sequence is so long that its tokens are rotated with the second set of frequencies. */
    boolean isBeyond(int length) {
        return rotary.isBeyond(length);
    }

    /** The last layer's output for each token, not yet normalised: {@code [tokens, hidden]}. */
    NDArray hidden(NDManager scope, Batch batch, Weights weights, boolean gradients) {
        PackedLayout layout = PackedLayout.of(batch);
        Packed packed = pack(scope, batch, layout, weights, gradients);
        NDArray x = packed.embeddings();
        PerLayer<NDList> masks = new PerLayer<>(masks(scope, layout, false, x), masks(scope, layout, true, x));
        for (int i = 0; i < config.layers(); i++) {
            NDList arguments = new NDList(x)
                    .addAll(weights.layers().get(i))
                    .addAll(packed.places(i))
                    .addAll(masks.of(i));
            x = run(scope, "layer", arguments, gradients).get(0);
        }
        return x;
    }

    /** A pass without libtorch's autograd. */
    TrainingPass pass(NDManager scope, Batch batch, Weights weights, long dropoutSeed, boolean recompute, Stop stop) {
        Packed packed = pack(scope, batch, PackedLayout.of(batch), weights, false);
        NDArray like = packed.embeddings();
        NDArray mask = blockMask(scope, batch, 0, like);
        int window = config.switches().window();
        PerLayer<NDArray> masks = new PerLayer<>(mask, window == 0 ? mask : blockMask(scope, batch, window, like));
        return new TrainingPass(this, ops, scope, packed, masks, batch, weights, dropoutSeed, recompute, stop);
    }

    private NDArray blockMask(NDManager scope, Batch batch, int window, NDArray like) {
        long longest = Arrays.stream(batch.lengths()).max().orElseThrow();
        return ops.call(scope, "block_mask", scope.create(longest), scope.create((long) window), like)
                .get(0);
    }

    /**
     * A batch on its way into the layers.
     *
     * @param embeddings {@code [tokens, hidden]}
     */
    record Packed(NDArray embeddings, PerLayer<NDList> rope, NDList index) {
        /** What the operators of a layer are told about where the tokens are. */
        NDList places(int layer) {
            return new NDList(rope.of(layer)).addAll(index);
        }
    }

    private Packed pack(NDManager scope, Batch batch, PackedLayout layout, Weights weights, boolean gradients) {
        NDArray positions = placed(scope, scope.create(layout.positions()));
        NDArray x = embed(scope, batch.tokens(), positions, weights, gradients);
        int[] lengths = new int[batch.tokens().length];
        int first = 0;
        for (int length : batch.lengths()) {
            Arrays.fill(lengths, first, first + length, length);
            first += length;
        }
        NDList places = new NDList(placed(scope, scope.create(layout.restore())));
        for (PackedLayout.Group group : layout.groups()) {
            NDArray index = placed(scope, scope.create(group.index(), new Shape(group.sequences(), group.longest())));
            index.setName("index[]");
            places.add(index);
        }
        return new Packed(x, rope(scope, positions, lengths, x), places);
    }

    /** What differs between the layers that see everything and those that see a window. */
    final class PerLayer<T> {
        private final T all;
        private final T window;

        private PerLayer(T all, T window) {
            this.all = all;
            this.window = window;
        }

        T of(int layer) {
            return config.switches().windowed(layer) ? window : all;
        }
    }

    private PerLayer<NDList> rope(NDManager scope, NDArray positions, int[] lengths, NDArray like) {
        NDList all = rope(scope, positions, rotary.arguments(scope, this, lengths), like);
        NDList window = windowedRotary == null
                ? all
                : rope(scope, positions, windowedRotary.arguments(scope, this, lengths), like);
        return new PerLayer<>(all, window);
    }

    private NDList rope(NDManager scope, NDArray positions, NDList table, NDArray like) {
        return ops.call(scope, "rope", new NDList(positions, like).addAll(table));
    }

    /** The groups' masks: one each, empty for a group too long for a matrix of its scores. */
    private NDList masks(NDManager scope, PackedLayout layout, boolean windowed, NDArray like) {
        NDList masks = new NDList();
        if (windowed && config.switches().window() == 0) {
            return masks;
        }
        int longestScores = fusesAttention(config) ? 0 : LONGEST_SCORES;
        for (PackedLayout.Group group : layout.groups()) {
            NDArray mask = group.longest() > longestScores
                    ? scope.create(new Shape(0), DataType.FLOAT32)
                    : mask(scope, group.longest(), group.longest(), windowed, like);
            mask.setName("mask[]");
            masks.add(mask);
        }
        return masks;
    }

    /** Float32 logits of some of a batch's tokens: {@code [positions, vocabulary]}. */
    NDArray logits(NDManager scope, NDArray hidden, Weights weights, long[] positions) {
        NDList arguments =
                new NDList(hidden).addAll(weights.head()).addAll(new NDList(placed(scope, scope.create(positions))));
        return ops.call(scope, "logits", arguments).get(0);
    }

    /** Measures the labels: cross entropy / total, the sum of cross entropies, and how many predictions are correct. */
    NDList loss(NDManager scope, NDArray hidden, Weights weights, Batch batch, long total, boolean gradients) {
        NDList arguments = Labels.of(batch).arguments(scope, this, hidden, weights);
        arguments.add(scope.create((float) total));
        return run(scope, "loss", arguments, gradients);
    }

    /** Sums the log-probabilities of each sequence's labels, and its correct predictions: {@code [sequences]} each. */
    NDList logProbabilities(NDManager scope, NDArray hidden, Weights weights, Batch batch, boolean gradients) {
        Labels labels = Labels.of(batch);
        NDList arguments = labels.arguments(scope, this, hidden, weights);
        arguments.add(placed(scope, scope.create(labels.sequences())));
        arguments.add(placed(scope, scope.zeros(new Shape(batch.lengths().length))));
        return run(scope, "log_probabilities", arguments, gradients);
    }

    /**
     * The last layer's output for the next tokens of one sequence, whose keys and values join the cache.
     *
     * @param beyond whether the sequence is going to be so long that it needs the second set of rotary frequencies
     */
    NDArray next(NDManager scope, KvCache cache, int[] tokens, Weights weights, boolean beyond) {
        int past = cache.length();
        long[] positions = new long[tokens.length];
        Arrays.setAll(positions, i -> past + i);
        NDArray places = placed(scope, scope.create(positions));
        NDArray x = embed(scope, tokens, places, weights, false);
        int[] lengths = new int[tokens.length];
        Arrays.fill(lengths, beyond ? Integer.MAX_VALUE : 0);
        PerLayer<NDList> rope = rope(scope, places, lengths, x);
        PerLayer<NDArray> mask = new PerLayer<>(
                maskNext(scope, past, tokens.length, false, x), maskNext(scope, past, tokens.length, true, x));
        NDArray first = scope.create((long) past);
        for (int i = 0; i < config.layers(); i++) {
            NDList arguments = new NDList(x)
                    .addAll(weights.layers().get(i))
                    .addAll(rope.of(i))
                    .addAll(new NDList(mask.of(i), first, cache.keys(i), cache.values(i)));
            x = ops.call(scope, "layer_next", arguments).get(0);
        }
        cache.advance(tokens);
        return x;
    }

    /** A windowed layer is shown only the keys that the first of the tokens sees, and those of the tokens themselves. */
    private NDArray maskNext(NDManager scope, int past, int tokens, boolean windowed, NDArray like) {
        int window = config.switches().window();
        // A single token sees everything that it is shown, so it needs no mask.
        if (tokens == 1 || (windowed && window == 0)) {
            return scope.create(new Shape(0), DataType.FLOAT32);
        }
        return mask(scope, tokens, (windowed ? Math.min(past, window - 1) : past) + tokens, windowed, like);
    }

    /** The last layer's output for one more token of each sequence, whose keys and values join the caches. */
    NDArray step(NDManager scope, List<KvCache> caches, int[] tokens, Weights weights) {
        long[] filled = caches.stream().mapToLong(KvCache::length).toArray();
        NDArray past = scope.create(filled); // read as numbers
        NDArray positions = placed(scope, scope.create(filled));
        NDArray x = embed(scope, tokens, positions, weights, false);
        int[] lengths = caches.stream()
                .mapToInt(cache -> cache.beyond() ? Integer.MAX_VALUE : 0)
                .toArray();
        PerLayer<NDList> rope = rope(scope, positions, lengths, x);
        for (int i = 0; i < config.layers(); i++) {
            NDList arguments = new NDList(x)
                    .addAll(weights.layers().get(i))
                    .addAll(rope.of(i))
                    .addAll(new NDList(past));
            for (KvCache cache : caches) {
                arguments.add(cache.keys(i));
                arguments.add(cache.values(i));
            }
            x = ops.call(scope, "layer_step", arguments).get(0);
        }
        for (int i = 0; i < tokens.length; i++) {
            caches.get(i).advance(tokens[i]);
        }
        return x;
    }

    NDArray zeros(NDManager owner, Weights weights, Shape shape) {
        try (NDArray sizes = owner.create(shape.getShape())) {
            NDList arguments = new NDList(weights.layers().get(0)).addAll(new NDList(sizes));
            return ops.call(owner, "zeros", arguments).get(0);
        }
    }

    NDArray grown(NDManager owner, NDArray cache, int used, int capacity) {
        try (NDManager scope = owner.newSubManager()) {
            return ops.call(owner, "grown", cache, scope.create((long) used), scope.create((long) capacity))
                    .get(0);
        }
    }

    private NDArray embed(NDManager scope, int[] tokens, NDArray positions, Weights weights, boolean gradients) {
        long[] ids = Arrays.stream(tokens).asLongStream().toArray();
        NDList arguments =
                new NDList(weights.embedding()).addAll(new NDList(placed(scope, scope.create(ids)), positions));
        return run(scope, "embed", arguments, gradients).get(0);
    }

    /** What the last {@code queries} of some tokens see of {@code keys} of them. */
    private NDArray mask(NDManager scope, int queries, int keys, boolean windowed, NDArray like) {
        NDArray window = scope.create(windowed ? (long) config.switches().window() : 0);
        return ops.call(scope, "mask", scope.create((long) queries), scope.create((long) keys), window, like)
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

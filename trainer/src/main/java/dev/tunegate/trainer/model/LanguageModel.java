package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.Tensors;
import dev.tunegate.trainer.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder with its weights in memory. Any number of threads may generate from it at once, each with its own {@link
 * KvCache}, also while another thread trains an adapter on it.
 */
public final class LanguageModel implements AutoCloseable {

    /** Prompts are read in pieces of this many tokens, which bounds the attention scores in memory. */
    private static final int PROMPT_CHUNK = 512;

    private final NDManager manager;
    private final Tensors tensors;
    private final ModelConfig config;
    private final ComputeType type;
    private final WeightLayout layout;
    private final Decoder decoder;
    private final Map<String, NDArray> arrays = new HashMap<>();
    /** Among a layer's weights, it says that the layer sees a window of the tokens only. */
    private final NDArray windowed;

    private @Nullable FlatParameters parameters;

    private LanguageModel(ModelConfig config, ComputeType type) {
        this.config = config;
        this.type = type;
        manager = Torch.newManager();
        tensors = new Tensors(manager);
        layout = new WeightLayout(config);
        decoder = new Decoder(manager, config, type);
        windowed = manager.create(0);
        windowed.setName(Weights.argument("windowed"));
    }

    /** Loads a model whose weights stay as they are: to generate from and to train adapters on. */
    public static LanguageModel load(Path directory, ComputeType type) throws IOException {
        try (ModelDirectory files = ModelDirectory.open(directory)) {
            var model = new LanguageModel(files.config(), type);
            try {
                WeightFiles.check(files, model.layout);
                for (WeightLayout.Weight weight : model.layout.weights()) {
                    NDArray array = WeightFiles.read(files, model.tensors, model.manager, weight, type.stored());
                    array.setName(argument(weight));
                    model.arrays.put(weight.name(), array);
                }
                return model;
            } catch (IOException | RuntimeException e) {
                model.close();
                throw e;
            }
        }
    }

    /** Loads a model in float32 to train all of its weights. */
    public static LanguageModel loadTrainable(Path directory) throws IOException {
        try (ModelDirectory files = ModelDirectory.open(directory)) {
            return trainable(
                    files.config(),
                    (model, weight, scope) -> WeightFiles.read(files, model.tensors, scope, weight, DType.F32));
        }
    }

    /**
     * A fresh model in float32 to train all of its weights: matrices normally distributed with the configuration's initializer
     * range, norms that change nothing, biases zero. The same seed gives the same weights on every machine.
     */
    public static LanguageModel random(ModelConfig config, long seed) throws IOException {
        var initializer = new Initializer(seed);
        return trainable(
                config,
                (model, weight, scope) -> weight.columns() == 0
                        ? initializer.filled(scope, weight.shape(), weight.initial())
                        : initializer.normal(scope, weight.shape(), config.initializerRange()));
    }

    /** A fresh model whose weights stay as they are, to measure with: nothing but its speed makes sense. */
    public static LanguageModel randomFrozen(ModelConfig config, ComputeType type) {
        var model = new LanguageModel(config, type);
        for (WeightLayout.Weight weight : model.layout.weights()) {
            long[] shape = weight.shape().stream().mapToLong(Long::longValue).toArray();
            NDArray array = model.tensors.normal(model.manager, config.initializerRange(), type.stored(), shape);
            array.setName(argument(weight));
            model.arrays.put(weight.name(), array);
        }
        return model;
    }

    private interface Source {
        NDArray values(LanguageModel model, WeightLayout.Weight weight, NDManager scope) throws IOException;
    }

    private static LanguageModel trainable(ModelConfig config, Source source) throws IOException {
        var model = new LanguageModel(config, ComputeType.FP32);
        try {
            // Matrices before vectors: weight decay is for the matrices.
            List<WeightLayout.Weight> ordered = new ArrayList<>(model.layout.weights());
            ordered.sort(Comparator.comparing(weight -> weight.columns() == 0));
            var parameters = new FlatParameters(
                    model.manager,
                    model.tensors,
                    ordered.stream()
                            .map(weight ->
                                    new FlatParameters.Parameter(weight.name(), argument(weight), weight.shape()))
                            .toList());
            for (int i = 0; i < ordered.size(); i++) {
                try (NDManager scope = model.manager.newSubManager()) {
                    parameters.set(i, source.values(model, ordered.get(i), scope));
                }
                model.arrays.put(ordered.get(i).name(), parameters.views().get(i));
            }
            model.parameters = parameters;
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    private static String argument(WeightLayout.Weight weight) {
        return Weights.argument(weight.key());
    }

    /** The shape and switches of this model. */
    public ModelConfig config() {
        return config;
    }

    /** What its arrays are made of. */
    public ComputeType type() {
        return type;
    }

    /** Its arrays and linear layers. */
    public WeightLayout layout() {
        return layout;
    }

    /** Conversions of arrays; may be used by any thread. */
    public Tensors tensors() {
        return tensors;
    }

    /** One of its arrays, without any adapter. */
    public NDArray array(WeightLayout.Weight weight) {
        return get(arrays, weight.name());
    }

    /** A manager for what belongs to this model and outlives steps and requests: adapters, optimizers. */
    public NDManager newSubManager() {
        return manager.newSubManager();
    }

    /** The weights without any adapter. */
    public Weights weights() {
        return assemble(arrays);
    }

    /** All weights as something to train, if the model was loaded or made for that. */
    public Tunable tunable() {
        FlatParameters flat = parameters;
        if (flat == null) {
            throw new IllegalStateException("this model's weights are frozen: load it with loadTrainable");
        }
        return new Tunable() {
            @Override
            public FlatParameters parameters() {
                return flat;
            }

            @Override
            public Weights weights() {
                return LanguageModel.this.weights();
            }

            @Override
            public @Nullable List<NDList> gradients() {
                return null;
            }

            @Override
            public Weights droppingWeights() {
                return weights();
            }

            @Override
            public Weights trainingWeights(NDManager scope) {
                Map<String, NDArray> tracked = new HashMap<>();
                List<NDArray> views = flat.trackedViews(scope);
                for (int i = 0; i < views.size(); i++) {
                    tracked.put(flat.parameters().get(i).name(), views.get(i));
                }
                return assemble(tracked);
            }
        };
    }

    private Weights assemble(Map<String, NDArray> named) {
        List<NDList> layers = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            layers.add(config.switches().windowed(i) ? new NDList(windowed) : new NDList());
        }
        NDList embedding = new NDList();
        NDList head = new NDList();
        for (WeightLayout.Weight weight : layout.weights()) {
            NDArray array = get(named, weight.name());
            if (weight.layer() != WeightLayout.NO_LAYER) {
                layers.get(weight.layer()).add(array);
            } else if (weight.embeds()) {
                embedding.add(array);
            } else {
                head.add(array);
            }
        }
        if (config.tiedHead()) {
            head.add(get(named, WeightLayout.EMBEDDING));
        }
        return new Weights(embedding, layers, head);
    }

    private static NDArray get(Map<String, NDArray> named, String name) {
        NDArray array = named.get(name);
        if (array == null) {
            throw new IllegalStateException("no weight " + name);
        }
        return array;
    }

    /** Float32 logits of every token of a batch: {@code [tokens, vocabulary]}. */
    public NDArray logits(NDManager scope, Batch batch, Weights weights) {
        long[] positions = new long[batch.tokens().length];
        Arrays.setAll(positions, i -> i);
        return decoder.logits(scope, decoder.hidden(scope, batch, weights, false), weights, positions);
    }

    /**
     * The loss of the batch's labelled positions, of which there must be at least one.
     *
     * @param total what the sum of cross entropies is divided by: the labels of all micro-batches of a step
     * @param gradients whether a backward pass will follow
     */
    public Loss loss(NDManager scope, Batch batch, Weights weights, long total, boolean gradients) {
        NDArray hidden = decoder.hidden(scope, batch, weights, gradients);
        NDList results = decoder.loss(scope, hidden, weights, batch, total, gradients);
        return new Loss(results.get(0), results.get(1), results.get(2));
    }

    /**
     * Whether {@link #loss} and autograd are faster and take less memory than {@link #pass}: where attention never makes a matrix
     * of its scores, on a GPU.
     */
    public boolean prefersAutograd() {
        return decoder.fusesAttention();
    }

    /**
     * A forward and a backward pass without libtorch's autograd: faster and with less memory than {@link #loss}, but for LoRA
     * weights only.
     *
     * @param weights an adapter's, with dropout if there is to be any
     * @param dropoutSeed decides the dropout masks
     * @param recompute whether layers are computed once more in the backward pass instead of kept (Chen et al. 2016)
     */
    public TrainingPass pass(NDManager scope, Batch batch, Weights weights, long dropoutSeed, boolean recompute) {
        return decoder.pass(scope, batch, weights, dropoutSeed, recompute);
    }

    /**
     * What {@link #loss} computes, each a scalar.
     *
     * @param scaled the sum divided by the total: what to differentiate
     * @param sum the sum of the labels' cross entropies (natural logarithm)
     * @param correct how many labels are the token with the highest logit
     */
    public record Loss(NDArray scaled, NDArray sum, NDArray correct) {}

    /**
     * How likely the model finds the labels of each sequence of a batch, which must have at least one.
     *
     * @param gradients whether a backward pass will follow
     */
    public LogProbabilities logProbabilities(NDManager scope, Batch batch, Weights weights, boolean gradients) {
        NDArray hidden = decoder.hidden(scope, batch, weights, gradients);
        NDList results = decoder.logProbabilities(scope, hidden, weights, batch, gradients);
        return new LogProbabilities(results.get(0), results.get(1));
    }

    /**
     * What {@link #logProbabilities} computes, float32 {@code [sequences]} each.
     *
     * @param sums the sum of the log-probabilities (natural logarithm) of a sequence's labels
     * @param correct how many of a sequence's labels are the token with the highest logit
     */
    public record LogProbabilities(NDArray sums, NDArray correct) {}

    /** An empty cache for one sequence; the caller closes it. */
    public KvCache newCache() {
        return new KvCache(manager.newSubManager(), decoder);
    }

    /**
     * Reads the next tokens of a sequence and predicts the one after them.
     *
     * @param weights the model's own ({@link #weights}) or an adapter's; the same for all tokens of one cache
     * @return the logits: {@code [vocabulary]}
     */
    public float[] next(KvCache cache, int[] tokens, Weights weights) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("no tokens to read");
        }
        boolean beyond = reread(cache, tokens.length, weights);
        return read(cache, tokens, weights, beyond);
    }

    /**
     * Where a sequence grows beyond the context for which one set of rotary frequencies was made, its keys are computed anew
     * with the other.
     *
     * @return whether the sequence with {@code more} tokens is so long
     */
    private boolean reread(KvCache cache, int more, Weights weights) {
        boolean beyond = decoder.isBeyond(cache.length() + more);
        if (cache.length() > 0 && cache.beyond() != beyond) {
            int[] tokens = cache.tokens();
            cache.truncate(0);
            read(cache, tokens, weights, beyond);
        }
        cache.setBeyond(beyond);
        return beyond;
    }

    private float[] read(KvCache cache, int[] tokens, Weights weights, boolean beyond) {
        for (int from = 0; ; from += PROMPT_CHUNK) {
            int to = Math.min(tokens.length, from + PROMPT_CHUNK);
            int[] chunk = Arrays.copyOfRange(tokens, from, to);
            cache.reserve(chunk.length, weights, config.keyValueHeads(), config.headDim());
            try (NDManager scope = manager.newSubManager()) {
                NDArray hidden = decoder.next(scope, cache, chunk, weights, beyond);
                if (to == tokens.length) {
                    return decoder.logits(scope, hidden, weights, new long[] {chunk.length - 1})
                            .toFloatArray();
                }
            }
        }
    }

    /**
     * Reads one more token of each sequence and predicts the ones after them, all in one pass.
     *
     * @param weights the model's own ({@link #weights}) or an adapter's; the same for all tokens of one cache
     * @return the logits: {@code [sequences][vocabulary]}
     */
    public float[][] next(List<KvCache> caches, int[] tokens, Weights weights) {
        if (caches.isEmpty() || caches.size() != tokens.length) {
            throw new IllegalArgumentException(caches.size() + " sequences and " + tokens.length + " tokens");
        }
        caches.forEach(cache -> reread(cache, 1, weights));
        caches.forEach(cache -> cache.reserve(1, weights, config.keyValueHeads(), config.headDim()));
        long[] all = LongStream.range(0, tokens.length).toArray();
        try (NDManager scope = manager.newSubManager()) {
            NDArray hidden = decoder.step(scope, caches, tokens, weights);
            float[] logits = decoder.logits(scope, hidden, weights, all).toFloatArray();
            int vocabulary = logits.length / tokens.length;
            float[][] rows = new float[tokens.length][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary));
            return rows;
        }
    }

    /** Writes the weights to {@code model.safetensors} in a directory; its description is copied separately. */
    public void save(Path directory, DType stored) throws IOException {
        Files.createDirectories(directory);
        WeightFiles.write(
                directory.resolve("model.safetensors"),
                tensors,
                layout,
                manager,
                (weight, scope) -> get(arrays, weight.name()),
                stored);
    }

    @Override
    public void close() {
        decoder.close();
        tensors.close();
        manager.close();
    }
}

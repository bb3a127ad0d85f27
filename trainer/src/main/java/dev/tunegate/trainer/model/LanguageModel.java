package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.torch.PieceReader;
import dev.tunegate.trainer.torch.Tensors;
import dev.tunegate.trainer.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decoder with its weights in memory: passes over batches, to train and to measure, and tokens read one after the other, to
 * generate. Any number of threads may generate from it at once, each with its own {@link KvCache}, also while another thread
 * trains an adapter on it.
 */
public final class LanguageModel implements AutoCloseable {

    private final NDManager manager;
    private final Tensors tensors;
    private final ModelConfig config;
    private final ComputeType type;
    private final WeightLayout layout;
    private final Decoder decoder;
    private final IncrementalDecoder incremental;
    private final BaseWeights base;
    private final @Nullable AllWeights tunable;

    /** Makes a model whose weights are still to be filled in. */
    private LanguageModel(ModelConfig config, WeightLayout layout, ComputeType type, boolean trainable) {
        this.config = config;
        this.layout = layout;
        this.type = type;
        manager = Torch.newManager();
        tensors = new Tensors(manager);
        decoder = new Decoder(manager, config, type);
        incremental = new IncrementalDecoder(manager, config, decoder);
        base = new BaseWeights(manager, config, layout);
        tunable = trainable ? new AllWeights(manager, tensors, layout, base) : null;
    }

    /** Loads a model whose weights stay as they are: to generate from and to train adapters on. */
    public static LanguageModel load(Path directory, ComputeType type) throws IOException {
        return load(directory, type, Stop.NEVER);
    }

    /** The same, as long as it is wanted: large models take minutes. */
    public static LanguageModel load(Path directory, ComputeType type, Stop stop) throws IOException {
        return load(directory, type, false, stop);
    }

    /** Loads a model in float32 to train all of its weights. */
    public static LanguageModel loadTrainable(Path directory) throws IOException {
        return load(directory, ComputeType.FP32, true, Stop.NEVER);
    }

    private static LanguageModel load(Path directory, ComputeType type, boolean trainable, Stop stop)
            throws IOException {
        try (ModelDirectory files = ModelDirectory.open(directory)) {
            var layout = new WeightLayout(files.config());
            WeightFiles.check(files, layout);
            var model = new LanguageModel(files.config(), layout, type, trainable);
            var reader = new PieceReader(model.tensors, stop);
            return model.filled(
                    (weight, scope) -> WeightFiles.read(files, model.tensors, reader, scope, weight, type.stored()));
        }
    }

    /**
     * A fresh model in float32 to train all of its weights: matrices normally distributed with the configuration's initializer
     * range, norms that change nothing, biases zero. The same seed gives the same weights on every machine.
     */
    public static LanguageModel random(ModelConfig config, long seed) {
        var model = new LanguageModel(config, new WeightLayout(config), ComputeType.FP32, true);
        var initializer = new Initializer(seed);
        return model.filled((weight, scope) -> weight.columns() == 0
                ? initializer.filled(scope, weight.shape(), weight.initial())
                : initializer.normal(scope, weight.shape(), config.initializerRange()));
    }

    /** A fresh model whose weights stay as they are, to measure with: nothing but its speed makes sense. */
    public static LanguageModel randomFrozen(ModelConfig config, ComputeType type) {
        var model = new LanguageModel(config, new WeightLayout(config), type, false);
        return model.filled((weight, scope) -> {
            long[] shape = weight.shape().stream().mapToLong(Long::longValue).toArray();
            return model.tensors.normal(scope, config.initializerRange(), type.stored(), shape);
        });
    }

    private <E extends Exception> LanguageModel filled(WeightSource<E> source) throws E {
        try {
            for (WeightLayout.Weight weight : layout.weights()) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray values = source.values(weight, scope);
                    if (tunable != null) {
                        tensors.copy(base.get(weight), values);
                    } else {
                        values.attach(manager);
                        base.put(weight, values);
                    }
                }
            }
            return this;
        } catch (Throwable e) {
            close();
            throw e;
        }
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
        return base.get(weight);
    }

    /** A manager for what belongs to this model and outlives steps and requests: adapters, optimizers. */
    public NDManager newSubManager() {
        return manager.newSubManager();
    }

    /** The weights without any adapter. */
    public Weights weights() {
        return base.weights();
    }

    /** All weights as something to train, if the model was loaded or made for that. */
    public Tunable tunable() {
        if (tunable == null) {
            throw new IllegalStateException("this model's weights are frozen: load it with loadTrainable");
        }
        return tunable;
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
        return prefersAutograd(config);
    }

    /** The same of a model that need not be loaded yet. */
    public static boolean prefersAutograd(ModelConfig config) {
        return Decoder.fusesAttention(config);
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
        return pass(scope, batch, weights, dropoutSeed, recompute, Stop.NEVER);
    }

    /** The same, as long as it is wanted: each layer asks. */
    public TrainingPass pass(
            NDManager scope, Batch batch, Weights weights, long dropoutSeed, boolean recompute, Stop stop) {
        return decoder.pass(scope, batch, weights, dropoutSeed, recompute, stop);
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
        return incremental.newCache();
    }

    /**
     * Reads the next tokens of a sequence and predicts the one after them.
     *
     * @param weights the model's own ({@link #weights}) or an adapter's; the same for all tokens of one cache
     * @return the logits: {@code [vocabulary]}
     */
    public float[] next(KvCache cache, int[] tokens, Weights weights) {
        return incremental.next(cache, tokens, weights);
    }

    /**
     * Reads one more token of each sequence and predicts the ones after them, all in one pass.
     *
     * @param weights the model's own ({@link #weights}) or an adapter's; the same for all tokens of one cache
     * @return the logits: {@code [sequences][vocabulary]}
     */
    public float[][] next(List<KvCache> caches, int[] tokens, Weights weights) {
        return incremental.next(caches, tokens, weights);
    }

    /** Writes the weights to {@code model.safetensors} in a directory; its description is copied separately. */
    public void save(Path directory, DType stored) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("model.safetensors");
        WeightFiles.write(file, tensors, layout, manager, (weight, scope) -> base.get(weight), stored);
    }

    @Override
    public void close() {
        decoder.close();
        tensors.close();
        manager.close();
    }
}

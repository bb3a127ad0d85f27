package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A LoRA adapter on a model, or all of a model's weights, under AdamW. */
public final class ModelLearner implements Learner {
    private static final String PARAMETERS = "parameters";

    private final LanguageModel model;
    private final Tunable tunable;
    private final TrainStep steps;
    private final Output output;
    private final Runnable closeTunable;
    private final String start;
    private final Hyperparameters hyperparameters;
    private MemoryPlan plan;
    private @Nullable MemoryEstimate estimate;
    private long free = Long.MAX_VALUE;

    /** How the trained weights are written. */
    private interface Output {
        void write(Path dir) throws IOException;
    }

    private ModelLearner(
            LanguageModel model,
            Tunable tunable,
            Objective objective,
            Hyperparameters hyperparameters,
            long seed,
            Output output,
            Runnable closeTunable,
            String start) {
        this.model = model;
        this.tunable = tunable;
        this.output = output;
        this.closeTunable = closeTunable;
        this.start = start;
        this.hyperparameters = hyperparameters;
        if (Boolean.TRUE.equals(hyperparameters.gradientCheckpointing()) && tunable.gradients() == null) {
            throw new InvalidHyperparameter(
                    "gradient_checkpointing",
                    "true",
                    "\"auto\" or false where modules are trained in full, beside an adapter or without one");
        }
        plan = MemoryPlan.generous(model.config())
                .withRecompute(Boolean.TRUE.equals(hyperparameters.gradientCheckpointing()));
        AdamW.Settings settings = AdamW.Settings.DEFAULT
                .withWeightDecay(hyperparameters.weightDecay())
                .withMaxGradNorm(hyperparameters.maxGradNorm());
        this.steps = new TrainStep(model, tunable, objective, settings, seed);
    }

    /**
     * Trains a fresh adapter; the model stays as it is and its owner's.
     *
     * @param baseModel the model's name, for the adapter's configuration
     * @throws InvalidHyperparameter when a target module is no linear layer of the model
     */
    public static ModelLearner ofAdapter(
            LanguageModel model, String baseModel, Hyperparameters hyperparameters, long seed) {
        Adapter adapter = Adapter.create(model, lora(model.config(), hyperparameters), seed);
        Double beta = hyperparameters.beta();
        Objective objective =
                beta == null ? new NextTokens(model) : new Preferences(model, model.weights(), beta, () -> {});
        return of(model, baseModel, adapter, objective, hyperparameters, seed, "");
    }

    /**
     * Goes on training an adapter; the model stays as it is and its owner's. DPO's reference is that adapter as it was, so
     * that what it has learned before is not held against it (TRL does the same with a model that has an adapter).
     *
     * @param start a directory in PEFT's format, whose shape the hyperparameters have (see
     *     {@link HyperparameterRequest#continuing})
     */
    public static ModelLearner fromAdapter(
            LanguageModel model, String baseModel, Path start, Hyperparameters hyperparameters, long seed)
            throws IOException {
        Adapter adapter = Adapter.load(start, model);
        try {
            Objective objective = new NextTokens(model);
            Double beta = hyperparameters.beta();
            if (beta != null) {
                Adapter reference = Adapter.load(start, model);
                objective = new Preferences(model, reference.weights(), beta, reference::close);
            }
            return of(model, baseModel, adapter, objective, hyperparameters, seed, Adapter.digest(start));
        } catch (IOException | RuntimeException e) {
            adapter.close();
            throw e;
        }
    }

    private static ModelLearner of(
            LanguageModel model,
            String baseModel,
            Adapter adapter,
            Objective objective,
            Hyperparameters hyperparameters,
            long seed,
            String start) {
        Output output = dir -> adapter.save(dir, baseModel);
        return new ModelLearner(model, adapter, objective, hyperparameters, seed, output, adapter::close, start);
    }

    /**
     * The shape of a fresh adapter.
     *
     * @throws InvalidHyperparameter when a target module is no linear layer of the model
     */
    public static LoraConfig lora(ModelConfig model, Hyperparameters hyperparameters) {
        Set<String> linears = LoraConfig.allLinears(model);
        Set<String> targets = hyperparameters.targetModules() != null ? hyperparameters.targetModules() : linears;
        if (!linears.containsAll(targets)) {
            throw new InvalidHyperparameter(
                    "target_modules", targets.toString(), "linear layers of this model, which are " + linears);
        }
        return new LoraConfig(
                hyperparameters.loraR(), hyperparameters.loraAlpha(), hyperparameters.loraDropout(), targets);
    }

    /**
     * Trains all weights of a model that was loaded or made for that; the model stays its owner's.
     *
     * @param source the directory whose configuration and tokenizer go along with the weights
     * @param stored the type the weights are written in
     */
    public static ModelLearner ofModel(
            LanguageModel model, Path source, DType stored, Hyperparameters hyperparameters, long seed) {
        Output output = dir -> {
            ModelDirectory.copyDescription(source, dir, stored);
            model.save(dir, stored);
        };
        return new ModelLearner(
                model, model.tunable(), new NextTokens(model), hyperparameters, seed, output, () -> {}, "");
    }

    /**
     * Plans for the memory there is; without, as if there were enough.
     *
     * @param freeBytes how much memory this process may still take
     * @throws TrainingFailure when the training cannot fit; its message says what would
     */
    public void fit(TrainingData data, long freeBytes) {
        MemoryEstimate counted =
                MemoryEstimate.of(model, tunable, data, hyperparameters.batchSize(), hyperparameters.loraDropout());
        free = freeBytes + counted.fixed();
        plan = counted.requireWithin(
                MemoryPlan.generous(model.config()), hyperparameters.gradientCheckpointing(), free);
        estimate = counted;
    }

    @Override
    public boolean fits(MemoryPlan other) {
        return estimate == null || estimate.bytes(other) <= free;
    }

    @Override
    public String start() {
        return start;
    }

    @Override
    public MemoryPlan plan() {
        return plan;
    }

    @Override
    public boolean recomputes() {
        return tunable.gradients() != null && !Boolean.FALSE.equals(hyperparameters.gradientCheckpointing());
    }

    @Override
    public Metrics step(List<Batch> batches, double learningRate, boolean recompute, Stop stop) {
        return steps.step(batches, learningRate, recompute, stop);
    }

    /** Where the time of the steps went so far. */
    public StepTimes times() {
        return steps.times();
    }

    @Override
    public Metrics evaluate(List<Batch> batches, Stop stop) {
        return steps.evaluate(batches, stop);
    }

    @Override
    public void save(Path dir) throws IOException {
        output.write(dir);
    }

    @Override
    public void saveState(Path dir) throws IOException {
        Map<String, NDArray> weights = Map.of(PARAMETERS, tunable.parameters().flat());
        FlatArrayFiles.save(dir.resolve(ResumeState.WEIGHTS), weights, Map.of(), model.tensors());
        steps.saveOptimizer(dir.resolve(ResumeState.OPTIMIZER));
    }

    @Override
    public void restoreState(Path dir) throws IOException {
        FlatArrayFiles.load(
                dir.resolve(ResumeState.WEIGHTS),
                Map.of(PARAMETERS, tunable.parameters().flat()),
                model.tensors());
        steps.loadOptimizer(dir.resolve(ResumeState.OPTIMIZER));
    }

    @Override
    public void close() {
        steps.close();
        closeTunable.run();
    }
}

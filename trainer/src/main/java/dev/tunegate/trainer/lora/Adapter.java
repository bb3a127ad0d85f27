package dev.tunegate.trainer.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.model.Initializer;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.WeightLayout;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.torch.FlatParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * LoRA weights for a model, float32: y = W x + (alpha / r) B A x for every adapted layer. The model's own weights are
 * neither changed nor copied, so that any number of adapters share it.
 */
public final class Adapter implements Tunable, AutoCloseable {

    private final LanguageModel model;
    private final LoraConfig config;
    private final NDManager manager;
    private final List<WeightLayout.Linear> targets;
    private final FlatParameters parameters;
    private final NDArray scaling;
    private final NDArray dropout;

    Adapter(LanguageModel model, LoraConfig config) {
        this.model = model;
        this.config = config;
        targets = targets(model, config);
        manager = model.newSubManager();
        List<FlatParameters.Parameter> all = new ArrayList<>();
        for (WeightLayout.Linear target : targets) {
            all.add(parameter(target, "lora_A", config.rank(), target.in()));
            all.add(parameter(target, "lora_B", target.out(), config.rank()));
        }
        parameters = new FlatParameters(manager, model.tensors(), all);
        scaling = manager.create((float) config.scaling());
        scaling.setName(Weights.argument("lora_scaling"));
        dropout = manager.create((float) config.dropout());
        dropout.setName(Weights.argument("lora_dropout"));
    }

    private static FlatParameters.Parameter parameter(
            WeightLayout.Linear target, String matrix, long rows, long columns) {
        return new FlatParameters.Parameter(
                target.path() + "." + matrix + ".weight",
                Weights.argument(target.key() + "." + matrix),
                List.of(rows, columns));
    }

    private static List<WeightLayout.Linear> targets(LanguageModel model, LoraConfig config) {
        List<WeightLayout.Linear> all = model.layout().linears();
        Set<String> unknown = new TreeSet<>(config.targetModules());
        all.forEach(linear -> unknown.remove(linear.name()));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("target_modules " + unknown
                    + " are not linear layers of this model; it has " + LoraConfig.allLinears(model.config()));
        }
        return all.stream()
                .filter(linear -> config.targetModules().contains(linear.name()))
                .toList();
    }

    /**
     * A fresh adapter that changes nothing yet: A uniform in ±1/sqrt(in) (PEFT's Kaiming-uniform with a = sqrt 5), B zero. The
     * same seed gives the same weights on every machine.
     */
    public static Adapter create(LanguageModel model, LoraConfig config, long seed) {
        var adapter = new Adapter(model, config);
        var initializer = new Initializer(seed);
        for (int i = 0; i < adapter.targets.size(); i++) {
            try (NDManager scope = adapter.manager.newSubManager()) {
                List<Long> shape = adapter.parameters.parameters().get(2 * i).shape();
                adapter.parameters.set(2 * i, initializer.uniform(scope, shape, 1 / Math.sqrt(shape.get(1))));
            }
        }
        return adapter;
    }

    /** Reads a directory in PEFT's format. */
    public static Adapter load(Path directory, LanguageModel model) throws IOException {
        return PeftFiles.load(directory, model);
    }

    /**
     * Writes a directory in PEFT's format: {@code adapter_config.json} and {@code adapter_model.safetensors}.
     *
     * @param baseModel the base model's name, for whoever loads the adapter
     */
    public void save(Path directory, String baseModel) throws IOException {
        PeftFiles.save(this, directory, baseModel);
    }

    /** Its rank, scaling and targets. */
    public LoraConfig config() {
        return config;
    }

    @Override
    public FlatParameters parameters() {
        return parameters;
    }

    @Override
    public Weights weights() {
        return with(parameters.views(), new NDList(scaling));
    }

    @Override
    public Weights trainingWeights(NDManager scope) {
        NDList settings = config.dropout() > 0 ? new NDList(scaling, dropout) : new NDList(scaling);
        return with(parameters.trackedViews(scope), settings);
    }

    private Weights with(List<NDArray> views, NDList settings) {
        List<NDList> layers = new ArrayList<>();
        for (int i = 0; i < model.config().layers(); i++) {
            layers.add(new NDList(settings));
        }
        for (int i = 0; i < targets.size(); i++) {
            layers.get(targets.get(i).layer()).add(views.get(2 * i));
            layers.get(targets.get(i).layer()).add(views.get(2 * i + 1));
        }
        return model.weights().with(layers);
    }

    LanguageModel model() {
        return model;
    }

    @Override
    public void close() {
        manager.close();
    }
}

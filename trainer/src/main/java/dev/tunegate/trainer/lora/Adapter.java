package dev.tunegate.trainer.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelConfig;
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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * LoRA weights for a model, float32: y = W x + (alpha / r) B A x for every adapted layer, and beside them the modules that are
 * trained in full. The model's own weights are neither changed nor copied, so that any number of adapters share it.
 */
public final class Adapter implements Tunable, AutoCloseable {

    private final LanguageModel model;
    private final LoraConfig config;
    private final NDManager manager;
    private final AdapterModules modules;
    private final FlatParameters parameters;

    /** Scalars for the operators: the scaling of all layers, and of those that have another. */
    private final NDArray scaling;

    private final List<NDList> ownScaling = new ArrayList<>();
    private final List<NDList> gradients = new ArrayList<>();
    private final NDArray dropout;

    Adapter(LanguageModel model, LoraConfig config) {
        this.model = model;
        this.config = config;
        modules = AdapterModules.of(model.config(), model.layout(), config);
        manager = model.newSubManager();
        parameters = new FlatParameters(manager, model.tensors(), modules.parameters(config));
        scaling = scalar("lora_scaling", config.scaling());
        for (int i = 0; i < model.config().layers(); i++) {
            ownScaling.add(new NDList());
        }
        for (WeightLayout.Linear target : modules.linears()) {
            if (config.scaling(target) != config.scaling()) {
                ownScaling.get(target.layer()).add(scalar(target.key() + ".lora_scaling", config.scaling(target)));
            }
        }
        dropout = scalar("lora_dropout", config.dropout());
    }

    private NDArray scalar(String key, double value) {
        NDArray scalar = manager.create((float) value);
        scalar.setName(Weights.argument(key));
        return scalar;
    }

    /**
     * A fresh adapter that changes nothing yet: A uniform in ±1/sqrt(in) (PEFT's Kaiming-uniform with a = sqrt 5), B zero, saved
     * modules as the model has them. The same seed gives the same weights on every machine.
     */
    public static Adapter create(LanguageModel model, LoraConfig config, long seed) {
        var adapter = new Adapter(model, config);
        var initializer = new Initializer(seed);
        for (int i = 0; i < adapter.modules.linears().size(); i++) {
            try (NDManager scope = adapter.manager.newSubManager()) {
                List<Long> shape = adapter.parameters.parameters().get(2 * i).shape();
                adapter.parameters.set(2 * i, initializer.uniform(scope, shape, 1 / Math.sqrt(shape.get(1))));
            }
        }
        for (int i = 0; i < adapter.modules.saved().size(); i++) {
            adapter.parameters.set(
                    adapter.firstSaved() + i,
                    model.array(adapter.modules.saved().get(i)));
        }
        return adapter;
    }

    /**
     * Whether a directory in PEFT's format holds an adapter for a model, by its configuration and the shapes of its tensors.
     *
     * @return its configuration
     * @throws InvalidCheckpoint when it does not; the message names the tensor, its shape, and the shape that the model needs
     */
    public static LoraConfig check(Path directory, ModelConfig model) throws IOException {
        return PeftFiles.check(directory, model);
    }

    /** A digest of a directory's adapter: that of another is another. */
    public static String digest(Path directory) throws IOException {
        return PeftFiles.digest(directory);
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
        return with(parameters.views(), false);
    }

    @Override
    public Weights droppingWeights() {
        return with(parameters.views(), drops());
    }

    @Override
    public @Nullable List<NDList> gradients() {
        if (!modules.saved().isEmpty()) {
            return null;
        }
        if (gradients.isEmpty()) {
            gradients.addAll(byLayer(parameters.gradientViews()));
        }
        return gradients;
    }

    @Override
    public List<NDList> gradients(NDArray sums) {
        return byLayer(parameters.gradientViews(sums));
    }

    private List<NDList> byLayer(List<NDArray> views) {
        List<NDList> layers =
                Stream.generate(NDList::new).limit(model.config().layers()).toList();
        for (int i = 0; i < views.size(); i++) {
            String argument = parameters.parameters().get(i).argument();
            views.get(i).setName("g" + argument.substring(argument.indexOf('.')));
            layers.get(modules.linears().get(i / 2).layer()).add(views.get(i));
        }
        return layers;
    }

    @Override
    public boolean drops() {
        return config.dropout() > 0;
    }

    @Override
    public Weights trainingWeights(NDManager scope) {
        return with(parameters.trackedViews(scope), drops());
    }

    private Weights with(List<NDArray> views, boolean dropping) {
        List<NDList> layers = new ArrayList<>();
        for (int i = 0; i < model.config().layers(); i++) {
            NDList entries = new NDList(scaling).addAll(ownScaling.get(i));
            if (dropping) {
                entries.add(dropout);
            }
            layers.add(entries);
        }
        for (int i = 0; i < modules.linears().size(); i++) {
            NDList layer = layers.get(modules.linears().get(i).layer());
            layer.add(views.get(2 * i));
            layer.add(views.get(2 * i + 1));
        }
        NDList embedding = new NDList();
        NDList head = new NDList();
        for (int i = 0; i < modules.saved().size(); i++) {
            WeightLayout.Weight weight = modules.saved().get(i);
            NDList place = weight.layer() != WeightLayout.NO_LAYER
                    ? layers.get(weight.layer())
                    : weight.embeds() ? embedding : head;
            place.add(views.get(firstSaved() + i));
        }
        return model.weights().with(embedding, layers, head);
    }

    private int firstSaved() {
        return 2 * modules.linears().size();
    }

    /**
     * Adds to an array of the model, float32, what the adapter changes in it.
     *
     * @return that array, or the adapter's own where it was trained in full
     */
    NDArray merged(WeightLayout.Weight weight, NDArray array) {
        int saved = modules.saved().indexOf(weight);
        if (saved >= 0) {
            return parameters.views().get(firstSaved() + saved);
        }
        for (int i = 0; i < modules.linears().size(); i++) {
            WeightLayout.Linear linear = modules.linears().get(i);
            if (linear.layer() == weight.layer() && linear.weight().equals(weight.key())) {
                NDArray a = parameters.views().get(2 * i);
                NDArray b = parameters.views().get(2 * i + 1);
                model.tensors().addProduct(array, linear.firstRow(), b, a, config.scaling(linear));
            }
        }
        return array;
    }

    LanguageModel model() {
        return model;
    }

    @Override
    public void close() {
        manager.close();
    }
}

package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A model's own arrays, one for each {@link WeightLayout.Weight}, without any adapter. */
final class BaseWeights {

    private final ModelConfig config;
    private final WeightLayout layout;
    private final Map<String, NDArray> arrays = new HashMap<>();
    /** Its presence among a layer's weights says that the layer sees a window of the tokens only. */
    private final NDArray windowed;

    /** Prepares the weights of a model; none is there yet. */
    BaseWeights(NDManager manager, ModelConfig config, WeightLayout layout) {
        this.config = config;
        this.layout = layout;
        windowed = manager.create(0);
        windowed.setName(Weights.argument("windowed"));
    }

    void put(WeightLayout.Weight weight, NDArray array) {
        array.setName(Weights.argument(weight.key()));
        arrays.put(weight.name(), array);
    }

    NDArray get(WeightLayout.Weight weight) {
        return get(arrays, weight.name());
    }

    /** What a forward pass takes. */
    Weights weights() {
        return assemble(arrays);
    }

    /**
     * The same with other arrays of the same shapes.
     *
     * @param named for each weight's name, an array that carries its key
     */
    Weights assemble(Map<String, NDArray> named) {
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
}

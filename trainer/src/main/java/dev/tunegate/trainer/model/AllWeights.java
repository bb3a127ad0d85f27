package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.FlatParameters.Parameter;
import dev.tunegate.trainer.torch.Tensors;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Full fine-tuning: every weight of a model is a parameter, and the model's own arrays are views of them. */
final class AllWeights implements Tunable {

    private final BaseWeights base;
    private final FlatParameters parameters;

    /** Makes all weights, zero at first, and puts them into {@code base}. */
    AllWeights(NDManager manager, Tensors tensors, WeightLayout layout, BaseWeights base) {
        this.base = base;
        // Matrices come before vectors, because weight decay is for the matrices, which have to lie together.
        List<WeightLayout.Weight> ordered = layout.weights().stream()
                .sorted(Comparator.comparing(weight -> weight.columns() == 0))
                .toList();
        parameters = new FlatParameters(
                manager,
                tensors,
                ordered.stream()
                        .map(weight -> new Parameter(weight.name(), Weights.argument(weight.key()), weight.shape()))
                        .toList());
        for (int i = 0; i < ordered.size(); i++) {
            base.put(ordered.get(i), parameters.views().get(i));
        }
    }

    @Override
    public FlatParameters parameters() {
        return parameters;
    }

    @Override
    public Weights weights() {
        return base.weights();
    }

    @Override
    public @Nullable List<NDList> gradients() {
        return null;
    }

    @Override
    public @Nullable List<NDList> gradients(NDArray sums) {
        return null;
    }

    @Override
    public boolean drops() {
        return false;
    }

    @Override
    public Weights droppingWeights() {
        return weights();
    }

    @Override
    public Weights trainingWeights(NDManager scope) {
        Map<String, NDArray> tracked = new HashMap<>();
        List<NDArray> views = parameters.trackedViews(scope);
        for (int i = 0; i < views.size(); i++) {
            tracked.put(parameters.parameters().get(i).name(), views.get(i));
        }
        return base.assemble(tracked);
    }
}

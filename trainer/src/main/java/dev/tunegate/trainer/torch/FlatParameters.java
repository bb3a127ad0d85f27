package dev.tunegate.trainer.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Trainable float32 parameters in one flat array, so that clipping and the optimizer are a few operators whatever the number
 * of parameters. The model sees views: fixed ones ({@link #views}), and for each training step ones through which gradients
 * flow back ({@link #trackedViews}).
 */
public final class FlatParameters {

    /** A parameter: its name (unique), the name its views carry into an op pack, and its shape. */
    public record Parameter(String name, String argument, List<Long> shape) {
        long size() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }

        long[] sizes() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    private final Tensors tensors;
    private final List<Parameter> parameters;
    private final NDArray flat;
    private final List<NDArray> views = new ArrayList<>();
    private final List<NDArray> templates = new ArrayList<>();
    private final long decayed;
    private final NDManager manager;

    /**
     * Makes the parameters, all of them zero.
     *
     * @param parameters matrices first, vectors behind them: weight decay is for the matrices
     */
    public FlatParameters(NDManager manager, Tensors tensors, List<Parameter> parameters) {
        this.manager = manager;
        this.tensors = tensors;
        this.parameters = List.copyOf(parameters);
        long total = parameters.stream().mapToLong(Parameter::size).sum();
        flat = tensors.zeros(manager, DType.F32, total);
        long first = 0;
        long matrices = 0;
        for (Parameter parameter : parameters) {
            NDArray view = tensors.slice(manager, flat, first, parameter.sizes());
            view.setName(parameter.argument());
            views.add(view);
            NDArray template = tensors.slice(manager, flat, first, parameter.sizes());
            template.setName("like[]");
            templates.add(template);
            first += parameter.size();
            if (parameter.shape().size() > 1) {
                if (matrices != first - parameter.size()) {
                    throw new IllegalArgumentException("the matrix " + parameter.name() + " stands behind a vector");
                }
                matrices = first;
            }
        }
        decayed = matrices;
        Torch.trackGradient(flat);
    }

    /** The parameters in the order in which they lie in the flat array. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** All parameters in one array: {@code [size]}. */
    public NDArray flat() {
        return flat;
    }

    /** How many of the first elements weight decay applies to. */
    public long decayed() {
        return decayed;
    }

    /** Each parameter in its shape, without gradients; they share memory with {@link #flat} and so are always current. */
    public List<NDArray> views() {
        return List.copyOf(views);
    }

    /** Each parameter in its shape; a backward pass through them adds to the gradient of {@link #flat}. */
    public List<NDArray> trackedViews(NDManager scope) {
        List<NDArray> tracked = tensors.trackedViews(scope, flat, templates);
        for (int i = 0; i < tracked.size(); i++) {
            tracked.get(i).setName(parameters.get(i).argument());
        }
        return tracked;
    }

    /**
     * Each parameter's part of {@link #gradient} in its shape, for passes that compute gradients without autograd and add them
     * here; autograd adds to the same memory.
     */
    public List<NDArray> gradientViews() {
        try (NDArray all = gradientOrZero()) {
            return gradientViews(manager, all);
        }
    }

    /**
     * The same in another array, for a pass beside another one.
     *
     * @param sums as {@link #newGradient} makes it; the views belong to its manager
     */
    public List<NDArray> gradientViews(NDArray sums) {
        return gradientViews(sums.getManager(), sums);
    }

    private List<NDArray> gradientViews(NDManager owner, NDArray sums) {
        List<NDArray> parts = new ArrayList<>();
        long first = 0;
        for (Parameter parameter : parameters) {
            parts.add(tensors.slice(owner, sums, first, parameter.sizes()));
            first += parameter.size();
        }
        return parts;
    }

    /** Makes room for the gradients of all parameters beside {@link #gradient}: {@code [size]}, zero. */
    public NDArray newGradient(NDManager owner) {
        return tensors.zeros(owner, DType.F32, flat.size());
    }

    /** Adds such gradients to {@link #gradient}; they are zero afterwards. */
    public void collect(NDArray sums) {
        try (NDArray all = gradientOrZero()) {
            all.addi(sums);
        }
        tensors.clear(sums);
    }

    /** A tensor's gradient can only be given to it by a backward pass: one that adds nothing, where there was none. */
    private NDArray gradientOrZero() {
        NDArray collected = Torch.gradient(flat);
        if (collected != null) {
            return collected;
        }
        try (NDManager scope = manager.newSubManager()) {
            Torch.backward(tensors.sumOfNone(scope, flat));
        }
        return gradient();
    }

    /** The gradient of {@link #flat}, for the caller to close. */
    public NDArray gradient() {
        NDArray collected = Torch.gradient(flat);
        if (collected == null) {
            throw new IllegalStateException("no backward pass since the parameters were made");
        }
        return collected;
    }

    /** Forgets what backward passes have added up since the last step. */
    public void clearGradient() {
        try (NDArray collected = Torch.gradient(flat)) {
            if (collected != null) {
                tensors.clear(collected);
            }
        }
    }

    /** Overwrites one parameter. */
    public void set(int index, NDArray values) {
        tensors.copy(views.get(index), values);
    }
}

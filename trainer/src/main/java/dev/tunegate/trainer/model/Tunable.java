package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.torch.FlatParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that can be trained on a model: an adapter, or all of the model's own weights. */
public interface Tunable {

    /** What the optimizer changes. */
    FlatParameters parameters();

    /** The model's weights for a forward pass without gradients. */
    Weights weights();

    /**
     * For each layer the gradients of the parameters among its weights, float32 and named {@code g.key}, where these are
     * LoRA weights of linear layers and nothing else, so that the model can compute them without autograd; otherwise null.
     */
    @Nullable
    List<NDList> gradients();

    /**
     * The same in another array, so that two passes may be under way at once; null where {@link #gradients()} is.
     *
     * @param sums as {@link FlatParameters#newGradient} makes it
     */
    @Nullable
    List<NDList> gradients(NDArray sums);

    /** Whether {@link #droppingWeights} are others than {@link #weights}. */
    boolean drops();

    /** {@link #weights} with dropout. */
    Weights droppingWeights();

    /** The model's weights for one training step, with dropout, through which gradients flow to {@link #parameters}. */
    Weights trainingWeights(NDManager scope);
}

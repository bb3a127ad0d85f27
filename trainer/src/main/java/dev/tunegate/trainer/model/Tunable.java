package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.torch.FlatParameters;

/** Something that can be trained on a model: an adapter, or all of the model's own weights. */
public interface Tunable {

    /** What the optimizer changes. */
    FlatParameters parameters();

    /** The model's weights for a forward pass without gradients. */
    Weights weights();

    /** The model's weights for one training step, with dropout, through which gradients flow to {@link #parameters}. */
    Weights trainingWeights(NDManager scope);
}

package dev.tunegate.trainer.checkpoint;

import java.util.List;
import java.util.Optional;

/**
 * What tells one family of decoders from another, as values.
 *
 * @param storage how the checkpoint names and fuses the weights
 * @param norm which norm every layer uses
 * @param outputNorms whether what attention and feed-forward give is normalised too, before it is added (Gemma 2 and 3)
 * @param queryKeyNorm whether each head's queries and keys are normalised
 * @param activation the feed-forward block's
 * @param queryBias whether the projections to queries, keys and values have a bias
 * @param outputBias whether attention's output projection has one
 * @param feedForwardBias whether the feed-forward block's projections have one
 * @param embeddingScale what embeddings are multiplied with
 * @param attentionScale what products of queries and keys are multiplied with
 * @param attentionCap attention scores are {@code cap tanh(score / cap)}; 0 for none
 * @param logitCap the same for logits; 0 for none
 * @param window how many tokens, itself included, a token sees in a windowed layer; 0 if no layer is
 * @param windowed for each layer whether it is; empty if none is
 * @param windowedRope the windowed layers' rotary embedding where it is another one than the model's
 */
public record Switches(
        Storage storage,
        Norm norm,
        boolean outputNorms,
        boolean queryKeyNorm,
        Activation activation,
        boolean queryBias,
        boolean outputBias,
        boolean feedForwardBias,
        double embeddingScale,
        double attentionScale,
        double attentionCap,
        double logitCap,
        int window,
        List<Boolean> windowed,
        Optional<Rope> windowedRope) {

    public Switches {
        windowed = List.copyOf(windowed);
    }

    /** How a checkpoint names and fuses a layer's projections. */
    public enum Storage {
        /** {@code q_proj}, {@code k_proj}, {@code v_proj}, {@code gate_proj}, {@code up_proj}: the Llamas and most others. */
        SEPARATE,
        /** {@code qkv_proj} and {@code gate_up_proj}: Phi-3. */
        FUSED,
        /** {@code c_attn} and {@code c_fc}, matrices stored {@code [in, out]}, no gate, learned positions: GPT-2. */
        GPT2
    }

    /** A norm over the last dimension. */
    public enum Norm {
        /** {@code w x / rms(x)}. */
        RMS,
        /** {@code (1 + w) x / rms(x)}. */
        RMS_PLUS_ONE,
        /** {@code w (x - mean) / deviation + bias}. */
        LAYER
    }

    /** An activation function. */
    public enum Activation {
        SILU,
        GELU_TANH,
        GELU
    }

    /** A plain Llama's. */
    public static Switches llama(int headDim) {
        return new Switches(
                Storage.SEPARATE,
                Norm.RMS,
                false,
                false,
                Activation.SILU,
                false,
                false,
                false,
                1,
                1 / Math.sqrt(headDim),
                0,
                0,
                0,
                List.of(),
                Optional.empty());
    }

    /** Whether a layer sees only the last {@link #window} tokens. */
    public boolean windowed(int layer) {
        return window > 0 && windowed.get(layer);
    }
}

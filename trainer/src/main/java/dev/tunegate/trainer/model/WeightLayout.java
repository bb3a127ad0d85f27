package dev.tunegate.trainer.model;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Which weights a decoder has, how a checkpoint names them, and which of them lie together: projections of the same input
 * are rows of one matrix, so that they are one product.
 */
public final class WeightLayout {

    /** A tensor of the checkpoint and how many rows (outermost elements) it has. */
    public record Part(String tensor, long rows) {}

    /**
     * One array of the model.
     *
     * @param layer the decoder layer it belongs to, or {@link #NO_LAYER}
     * @param key its name among the weights of its layer
     * @param columns the width of a matrix; 0 for a vector
     * @param parts what of the checkpoint it holds, one below the other
     */
    public record Weight(int layer, String key, long columns, List<Part> parts) {
        long rows() {
            return parts.stream().mapToLong(Part::rows).sum();
        }

        List<Long> shape() {
            return columns == 0 ? List.of(rows()) : List.of(rows(), columns);
        }

        /** Unique in the model. */
        String name() {
            return layer == NO_LAYER ? key : layer + "." + key;
        }
    }

    /**
     * A linear layer that can be adapted.
     *
     * @param name the last part of its path, by which adapters choose their targets
     * @param path its module path in the checkpoint
     */
    public record Linear(int layer, String name, String path, int in, int out) {}

    /** The layer of the weights that belong to none. */
    public static final int NO_LAYER = -1;

    static final String EMBEDDING = "embed_tokens";
    static final String NORM = "norm";
    static final String HEAD = "lm_head";

    private final List<Weight> weights = new ArrayList<>();
    private final List<Linear> linears = new ArrayList<>();

    /** The layout of a model with this configuration. */
    public WeightLayout(ModelConfig config) {
        int hidden = config.hiddenSize();
        int queries = config.heads() * config.headDim();
        int keys = config.keyValueHeads() * config.headDim();
        int inner = config.intermediateSize();
        add(NO_LAYER, EMBEDDING, hidden, new Part("model.embed_tokens.weight", config.vocabularySize()));
        for (int i = 0; i < config.layers(); i++) {
            String layer = "model.layers." + i + ".";
            Linear q = linear(i, "q_proj", layer + "self_attn.q_proj", hidden, queries);
            Linear k = linear(i, "k_proj", layer + "self_attn.k_proj", hidden, keys);
            Linear v = linear(i, "v_proj", layer + "self_attn.v_proj", hidden, keys);
            Linear o = linear(i, "o_proj", layer + "self_attn.o_proj", queries, hidden);
            Linear gate = linear(i, "gate_proj", layer + "mlp.gate_proj", hidden, inner);
            Linear up = linear(i, "up_proj", layer + "mlp.up_proj", hidden, inner);
            Linear down = linear(i, "down_proj", layer + "mlp.down_proj", inner, hidden);
            add(i, "qkv_proj", hidden, part(q), part(k), part(v));
            add(i, "o_proj", queries, part(o));
            add(i, "gate_up_proj", hidden, part(gate), part(up));
            add(i, "down_proj", inner, part(down));
            add(i, "input_layernorm", 0, new Part(layer + "input_layernorm.weight", hidden));
            add(i, "post_attention_layernorm", 0, new Part(layer + "post_attention_layernorm.weight", hidden));
        }
        add(NO_LAYER, NORM, 0, new Part("model.norm.weight", hidden));
        if (!config.tiedHead()) {
            add(NO_LAYER, HEAD, hidden, new Part("lm_head.weight", config.vocabularySize()));
        }
    }

    /** Every array of the model. */
    public List<Weight> weights() {
        return List.copyOf(weights);
    }

    /** Every linear layer of the decoder layers, in their order. */
    public List<Linear> linears() {
        return List.copyOf(linears);
    }

    private void add(int layer, String key, long columns, Part... parts) {
        weights.add(new Weight(layer, key, columns, List.of(parts)));
    }

    private Linear linear(int layer, String name, String path, int in, int out) {
        var linear = new Linear(layer, name, path, in, out);
        linears.add(linear);
        return linear;
    }

    private static Part part(Linear linear) {
        return new Part(linear.path() + ".weight", linear.out());
    }
}

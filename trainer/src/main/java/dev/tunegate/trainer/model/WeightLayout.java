package dev.tunegate.trainer.model;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Switches;
import dev.tunegate.trainer.checkpoint.Switches.Norm;
import dev.tunegate.trainer.checkpoint.Switches.Storage;
import java.util.ArrayList;
import java.util.List;

/**
 * Which weights a decoder has, how a checkpoint names them, and which of them lie together: projections of the same input
 * are rows of one matrix, so that they are one product. The operators know only the keys given here; whether a key is there
 * is what switches a family's parts on.
 */
public final class WeightLayout {

    /** A tensor of the checkpoint and how many rows (outputs, or elements of a vector) it has. */
    public record Part(String tensor, long rows) {}

    /**
     * One array of the model.
     *
     * @param layer the decoder layer it belongs to, or {@link #NO_LAYER}
     * @param key its name among the weights of its layer
     * @param columns the width of a matrix; 0 for a vector
     * @param transposed whether the checkpoint has the matrix as {@code [columns, rows]}
     * @param initial what a fresh vector is filled with
     * @param parts what of the checkpoint it holds, one below the other
     */
    public record Weight(int layer, String key, long columns, boolean transposed, double initial, List<Part> parts) {
        long rows() {
            return parts.stream().mapToLong(Part::rows).sum();
        }

        /** The shape in memory. */
        public List<Long> shape() {
            return columns == 0 ? List.of(rows()) : List.of(rows(), columns);
        }

        /** A part's shape in the checkpoint. */
        public List<Long> shape(Part part) {
            if (columns == 0) {
                return List.of(part.rows());
            }
            return transposed ? List.of(columns, part.rows()) : List.of(part.rows(), columns);
        }

        /** Whether it turns tokens or positions into vectors. */
        public boolean embeds() {
            return key.equals(EMBEDDING) || key.equals(POSITIONS);
        }

        /** The name is unique in the model. */
        String name() {
            return layer == NO_LAYER ? key : layer + "." + key;
        }
    }

    /**
     * A linear layer that can be adapted.
     *
     * @param key its name for the operators: {@code q_proj} in every family that has such a layer
     * @param path its module path in the checkpoint
     * @param weight the key of the matrix whose rows it is, {@code out} of them from {@code firstRow} on
     */
    public record Linear(int layer, String key, String path, int in, int out, String weight, long firstRow) {
        /** The last part of its path, by which adapters choose their targets. */
        public String name() {
            return path.substring(path.lastIndexOf('.') + 1);
        }
    }

    /** The layer of the weights that belong to none. */
    public static final int NO_LAYER = -1;

    static final String EMBEDDING = "embed_tokens";
    static final String POSITIONS = "embed_positions";
    static final String NORM = "norm";
    static final String HEAD = "lm_head";
    static final String BIAS = ".bias";

    private final ModelConfig config;
    private final Switches switches;
    private final List<Weight> weights = new ArrayList<>();
    private final List<Linear> linears = new ArrayList<>();

    /** The layout of a model with this configuration. */
    public WeightLayout(ModelConfig config) {
        this.config = config;
        this.switches = config.switches();
        boolean gpt2 = switches.storage() == Storage.GPT2;
        matrix(EMBEDDING, gpt2 ? "transformer.wte" : "model.embed_tokens", config.vocabularySize());
        if (config.rope() == null) {
            matrix(POSITIONS, "transformer.wpe", config.contextLength());
        }
        for (int i = 0; i < config.layers(); i++) {
            if (gpt2) {
                addGpt2Layer(i, "transformer.h." + i + ".");
            } else {
                addLayer(i, "model.layers." + i + ".");
            }
        }
        norm(NO_LAYER, NORM, gpt2 ? "transformer.ln_f" : "model.norm", config.hiddenSize());
        if (!config.tiedHead()) {
            matrix(HEAD, "lm_head", config.vocabularySize());
        }
    }

    private void addLayer(int i, String path) {
        int hidden = config.hiddenSize();
        int queries = config.heads() * config.headDim();
        int keys = config.keyValueHeads() * config.headDim();
        int inner = config.intermediateSize();
        boolean bias = switches.feedForwardBias();
        String attention = path + "self_attn.";
        String mlp = path + "mlp.";
        if (switches.storage() == Storage.FUSED) {
            linear(i, attention, "qkv_proj", hidden, queries + 2 * keys, switches.queryBias());
            linear(i, attention, "o_proj", queries, hidden, switches.outputBias());
            linear(i, mlp, "gate_up_proj", hidden, 2 * inner, bias);
        } else {
            fused(
                    i,
                    "qkv_proj",
                    hidden,
                    switches.queryBias(),
                    new Projection("q_proj", attention + "q_proj", queries),
                    new Projection("k_proj", attention + "k_proj", keys),
                    new Projection("v_proj", attention + "v_proj", keys));
            linear(i, attention, "o_proj", queries, hidden, switches.outputBias());
            fused(
                    i,
                    "gate_up_proj",
                    hidden,
                    bias,
                    new Projection("gate_proj", mlp + "gate_proj", inner),
                    new Projection("up_proj", mlp + "up_proj", inner));
        }
        linear(i, mlp, "down_proj", inner, hidden, bias);
        norm(i, "input_layernorm", path + "input_layernorm", hidden);
        norm(i, "post_attention_layernorm", path + "post_attention_layernorm", hidden);
        if (switches.outputNorms()) {
            norm(i, "pre_feedforward_layernorm", path + "pre_feedforward_layernorm", hidden);
            norm(i, "post_feedforward_layernorm", path + "post_feedforward_layernorm", hidden);
        }
        if (switches.queryKeyNorm()) {
            norm(i, "q_norm", attention + "q_norm", config.headDim());
            norm(i, "k_norm", attention + "k_norm", config.headDim());
        }
    }

    private void addGpt2Layer(int i, String path) {
        int hidden = config.hiddenSize();
        int inner = config.intermediateSize();
        fused(i, "qkv_proj", hidden, true, new Projection("qkv_proj", path + "attn.c_attn", 3 * hidden));
        fused(i, "o_proj", hidden, true, new Projection("o_proj", path + "attn.c_proj", hidden));
        fused(i, "up_proj", hidden, true, new Projection("up_proj", path + "mlp.c_fc", inner));
        fused(i, "down_proj", inner, true, new Projection("down_proj", path + "mlp.c_proj", hidden));
        norm(i, "input_layernorm", path + "ln_1", hidden);
        norm(i, "post_attention_layernorm", path + "ln_2", hidden);
    }

    /** Every array of the model. */
    public List<Weight> weights() {
        return List.copyOf(weights);
    }

    /** How many numbers the model's arrays hold. */
    public long elements() {
        return weights.stream()
                .mapToLong(weight -> weight.rows() * Math.max(1, weight.columns()))
                .sum();
    }

    /** Every linear layer of the decoder layers, in their order. */
    public List<Linear> linears() {
        return List.copyOf(linears);
    }

    /** A projection that the checkpoint has by itself. */
    private record Projection(String key, String path, int out) {}

    private void linear(int layer, String parent, String key, int in, int out, boolean bias) {
        fused(layer, key, in, bias, new Projection(key, parent + key, out));
    }

    /** Projections of the same input as one matrix. */
    private void fused(int layer, String key, int in, boolean bias, Projection... projections) {
        List<Part> matrices = new ArrayList<>();
        List<Part> biases = new ArrayList<>();
        long firstRow = 0;
        for (Projection projection : projections) {
            linears.add(new Linear(layer, projection.key(), projection.path(), in, projection.out(), key, firstRow));
            matrices.add(new Part(projection.path() + ".weight", projection.out()));
            biases.add(new Part(projection.path() + BIAS, projection.out()));
            firstRow += projection.out();
        }
        weights.add(new Weight(layer, key, in, switches.storage() == Storage.GPT2, 0, matrices));
        if (bias) {
            weights.add(new Weight(layer, key + BIAS, 0, false, 0, biases));
        }
    }

    private void matrix(String key, String path, int rows) {
        weights.add(
                new Weight(NO_LAYER, key, config.hiddenSize(), false, 0, List.of(new Part(path + ".weight", rows))));
    }

    private void norm(int layer, String key, String path, int size) {
        double initial = switches.norm() == Norm.RMS_PLUS_ONE ? 0 : 1;
        weights.add(new Weight(layer, key, 0, false, initial, List.of(new Part(path + ".weight", size))));
        if (switches.norm() == Norm.LAYER) {
            weights.add(new Weight(layer, key + BIAS, 0, false, 0, List.of(new Part(path + BIAS, size))));
        }
    }
}

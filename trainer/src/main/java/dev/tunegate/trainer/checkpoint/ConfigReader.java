package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.checkpoint.Switches.Activation;
import dev.tunegate.trainer.checkpoint.Switches.Norm;
import dev.tunegate.trainer.checkpoint.Switches.Storage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads shapes and switches out of a {@code config.json}; nothing else knows what a family's name implies. */
final class ConfigReader {

    private static final Set<Family> GEMMA = EnumSet.of(Family.GEMMA2, Family.GEMMA3);

    private final ConfigFields fields;
    private final Family family;
    private final boolean gpt2;
    private final int hiddenSize;
    private final int layers;
    private final int heads;
    private final int headDim;
    private final int contextLength;

    ConfigReader(JsonNode json) {
        fields = new ConfigFields(json);
        family = Family.of(json.path("architectures").path(0).asText(""), fields.text("model_type", ""));
        gpt2 = family == Family.GPT2;
        hiddenSize = fields.integer(gpt2 ? "n_embd" : "hidden_size");
        layers = fields.integer(gpt2 ? "n_layer" : "num_hidden_layers");
        heads = fields.integer(gpt2 ? "n_head" : "num_attention_heads");
        Bounds.require(gpt2 ? "n_embd" : "hidden_size", hiddenSize, Bounds.WIDTH);
        Bounds.require(gpt2 ? "n_layer" : "num_hidden_layers", layers, Bounds.LAYERS);
        Bounds.require(gpt2 ? "n_head" : "num_attention_heads", heads, Bounds.HEADS);
        if (gpt2 && hiddenSize % heads != 0) {
            throw new InvalidCheckpoint("n_embd " + hiddenSize + " is not a multiple of n_head " + heads);
        }
        headDim = fields.integer("head_dim", hiddenSize / heads);
        Bounds.require("head_dim", headDim, Bounds.HEAD_DIM);
        contextLength = fields.integer(gpt2 ? "n_positions" : "max_position_embeddings", family.contextLength());
    }

    ModelConfig read() {
        return new ModelConfig(
                family.architecture(),
                fields.integer("vocab_size"),
                hiddenSize,
                gpt2 ? fields.integer("n_inner", 4 * hiddenSize) : fields.integer("intermediate_size"),
                layers,
                heads,
                gpt2 ? heads : fields.integer("num_key_value_heads", heads),
                headDim,
                contextLength,
                fields.number(gpt2 ? "layer_norm_epsilon" : "rms_norm_eps", family.normEpsilon()),
                rope(),
                fields.flag("tie_word_embeddings", family.tiedHead()),
                fields.number("initializer_range", 0.02),
                switches());
    }

    private Switches switches() {
        refuse("use_bidirectional_attention");
        refuse("add_cross_attention");
        refuse("scale_attn_by_inverse_layer_idx");
        boolean attentionBias = EnumSet.of(Family.LLAMA, Family.QWEN3, Family.GEMMA2, Family.GEMMA3)
                        .contains(family)
                && fields.flag("attention_bias", false);
        int window = window();
        List<Boolean> windowed = window == 0 ? List.of() : windowed();
        if (!windowed.contains(true)) {
            window = 0;
            windowed = List.of();
        }
        return new Switches(
                family == Family.PHI3 ? Storage.FUSED : gpt2 ? Storage.GPT2 : Storage.SEPARATE,
                GEMMA.contains(family) ? Norm.RMS_PLUS_ONE : gpt2 ? Norm.LAYER : Norm.RMS,
                GEMMA.contains(family),
                family == Family.QWEN3 || family == Family.GEMMA3,
                activation(),
                attentionBias || gpt2 || family == Family.QWEN2,
                attentionBias || gpt2,
                gpt2 || (family == Family.LLAMA && fields.flag("mlp_bias", false)),
                GEMMA.contains(family) ? Math.sqrt(hiddenSize) : 1,
                attentionScale(),
                family == Family.GEMMA2 ? cap("attn_logit_softcapping", 50) : cap("attn_logit_softcapping", 0),
                family == Family.GEMMA2 ? cap("final_logit_softcapping", 30) : cap("final_logit_softcapping", 0),
                window,
                windowed,
                windowedRope());
    }

    private void refuse(String field) {
        if (fields.flag(field, false)) {
            throw new InvalidCheckpoint(field + " 'true' is not supported; supported: false");
        }
    }

    private Activation activation() {
        String field = gpt2 ? "activation_function" : GEMMA.contains(family) ? "hidden_activation" : "hidden_act";
        String absent = gpt2 ? "gelu_new" : GEMMA.contains(family) ? "gelu_pytorch_tanh" : "silu";
        String name = fields.text(field, absent);
        return switch (name) {
            case "silu", "swish" -> Activation.SILU;
            case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
            case "gelu" -> Activation.GELU;
            default ->
                throw new InvalidCheckpoint(field + " '" + name
                        + "' is not supported; supported: silu, swish, gelu, gelu_new, gelu_pytorch_tanh");
        };
    }

    private double attentionScale() {
        if (GEMMA.contains(family)) {
            return 1 / Math.sqrt(fields.positive("query_pre_attn_scalar", 256));
        }
        return fields.flag("scale_attn_weights", true) ? 1 / Math.sqrt(headDim) : 1;
    }

    /** Null says that there is none, which is not the same as saying nothing. */
    private double cap(String field, double absent) {
        if (!GEMMA.contains(family) || fields.isNull(field)) {
            return 0;
        }
        return fields.positive(field, absent);
    }

    private int window() {
        boolean used = switch (family) {
            case LLAMA, GPT2 -> false;
            case QWEN2, QWEN3 -> fields.flag("use_sliding_window", false);
            case PHI3 -> fields.has("sliding_window");
            case MISTRAL, GEMMA2, GEMMA3 -> true;
        };
        return used && !fields.isNull("sliding_window") ? fields.size("sliding_window", 4096, Bounds.CONTEXT) : 0;
    }

    private List<Boolean> windowed() {
        boolean everywhere = family == Family.MISTRAL || family == Family.PHI3;
        List<String> types = everywhere ? List.of() : fields.texts("layer_types");
        if (!types.isEmpty() && types.size() != layers) {
            throw new InvalidCheckpoint("layer_types has " + types.size() + " entries for " + layers + " layers");
        }
        List<Boolean> windowed = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            windowed.add(types.isEmpty() ? everywhere || windowed(i) : windowed(types.get(i)));
        }
        return windowed;
    }

    private static boolean windowed(String layerType) {
        return switch (layerType) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default ->
                throw new InvalidCheckpoint("layer_types '" + layerType
                        + "' is not supported; supported: full_attention, sliding_attention");
        };
    }

    /** What holds where {@code layer_types} does not say: every n-th layer of a Gemma sees all, the first layers of a Qwen do. */
    private boolean windowed(int layer) {
        if (!GEMMA.contains(family)) {
            return layer >= fields.integer("max_window_layers", 28);
        }
        int absent = fields.size("_sliding_window_pattern", 6, Bounds.LAYERS);
        int pattern = family == Family.GEMMA2 ? 2 : fields.size("sliding_window_pattern", absent, Bounds.LAYERS);
        return (layer + 1) % pattern != 0;
    }

    private @Nullable Rope rope() {
        if (gpt2) {
            return null;
        }
        double theta = fields.positive("rope_theta", family == Family.GEMMA3 ? 1_000_000 : 10_000);
        ConfigFields parameters = ropeParameters();
        if (parameters.has("full_attention")) {
            parameters = parameters.object("full_attention");
        }
        return new RopeReader(fields, family, headDim, contextLength).read(parameters, theta);
    }

    private Optional<Rope> windowedRope() {
        if (family != Family.GEMMA3) {
            return Optional.empty();
        }
        ConfigFields parameters = ropeParameters().object("sliding_attention");
        double theta = fields.positive("rope_local_base_freq", 10_000);
        return Optional.of(new RopeReader(fields, family, headDim, contextLength).read(parameters, theta));
    }

    /** transformers 5 has everything in {@code rope_parameters}; before, {@code rope_theta} stood beside {@code rope_scaling}. */
    private ConfigFields ropeParameters() {
        return fields.object(fields.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    }
}

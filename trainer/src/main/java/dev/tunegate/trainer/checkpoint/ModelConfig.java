package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A decoder's shape and switches, read from a Hugging Face {@code config.json}. The decoder knows no families: what tells
 * one from another is a value here.
 *
 * @param architecture the model's class in transformers
 * @param keyValueHeads fewer than {@code heads} for grouped-query attention
 * @param headDim may differ from {@code hiddenSize / heads}
 * @param contextLength the longest sequence the model was made for
 * @param tiedHead whether the output layer is the embedding
 * @param initializerRange the standard deviation of a fresh model's weights
 */
public record ModelConfig(
        String architecture,
        int vocabularySize,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headDim,
        int contextLength,
        double normEpsilon,
        Rope rope,
        boolean tiedHead,
        double initializerRange) {

    /** The architectures whose every switch is known. */
    public static final List<String> SUPPORTED = List.of("LlamaForCausalLM");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> DEFAULT_ROPE = Set.of("", "default");

    public ModelConfig {
        requirePositive("vocab_size", vocabularySize);
        requirePositive("hidden_size", hiddenSize);
        requirePositive("intermediate_size", intermediateSize);
        requirePositive("num_hidden_layers", layers);
        requirePositive("num_attention_heads", heads);
        requirePositive("num_key_value_heads", keyValueHeads);
        requirePositive("head_dim", headDim);
        requirePositive("max_position_embeddings", contextLength);
        if (heads % keyValueHeads != 0) {
            throw new InvalidCheckpoint(
                    "num_attention_heads " + heads + " is not a multiple of num_key_value_heads " + keyValueHeads);
        }
        if (headDim % 2 != 0) {
            throw new InvalidCheckpoint("head_dim " + headDim + " is odd; rotary embedding needs pairs");
        }
    }

    /** Reads a {@code config.json}. */
    public static ModelConfig read(Path file) throws IOException {
        try {
            return parse(JSON.readTree(Files.readAllBytes(file)));
        } catch (JsonProcessingException e) {
            throw new InvalidCheckpoint(file + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (InvalidCheckpoint e) {
            throw new InvalidCheckpoint(file + ": " + e.getMessage(), e);
        }
    }

    /** Reads either layout: that of transformers 4 (and the Hub), or that of transformers 5. */
    public static ModelConfig parse(JsonNode json) {
        String architecture = json.path("architectures")
                .path(0)
                .asText(json.path("model_type").asText(""));
        if (!SUPPORTED.contains(architecture)) {
            throw new InvalidCheckpoint(
                    "architecture '" + architecture + "' is not supported; supported: " + String.join(", ", SUPPORTED));
        }
        refuseUnless("hidden_act", json.path("hidden_act").asText("silu"), "silu");
        refuseUnless("attention_bias", json.path("attention_bias").asText("false"), "false");
        refuseUnless("mlp_bias", json.path("mlp_bias").asText("false"), "false");
        int hiddenSize = integer(json, "hidden_size");
        int heads = integer(json, "num_attention_heads");
        return new ModelConfig(
                architecture,
                integer(json, "vocab_size"),
                hiddenSize,
                integer(json, "intermediate_size"),
                integer(json, "num_hidden_layers"),
                heads,
                integer(json, "num_key_value_heads", heads),
                integer(json, "head_dim", hiddenSize / Math.max(1, heads)),
                integer(json, "max_position_embeddings", 2048),
                json.path("rms_norm_eps").asDouble(1e-6),
                rope(json),
                json.path("tie_word_embeddings").asBoolean(false),
                json.path("initializer_range").asDouble(0.02));
    }

    /** transformers 5 has everything in {@code rope_parameters}; before, {@code rope_theta} stood beside {@code rope_scaling}. */
    private static Rope rope(JsonNode json) {
        JsonNode scaling = json.path(json.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
        double theta =
                scaling.path("rope_theta").asDouble(json.path("rope_theta").asDouble(10000));
        String type = scaling.path("rope_type").asText(scaling.path("type").asText(""));
        if (DEFAULT_ROPE.contains(type)) {
            return new Rope(theta, null);
        }
        if (!type.equals("llama3")) {
            throw new InvalidCheckpoint("rope_type '" + type + "' is not supported; supported: default, llama3");
        }
        return new Rope(
                theta,
                new Rope.Llama3(
                        number(scaling, "factor"),
                        number(scaling, "low_freq_factor"),
                        number(scaling, "high_freq_factor"),
                        integer(scaling, "original_max_position_embeddings")));
    }

    private static double number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isNumber()) {
            throw new InvalidCheckpoint(
                    field + " must be a number, found " + (value.isMissingNode() ? "nothing" : value));
        }
        return value.asDouble();
    }

    private static int integer(JsonNode json, String field, int absent) {
        return json.path(field).isNull() || !json.has(field) ? absent : integer(json, field);
    }

    private static int integer(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new InvalidCheckpoint(
                    field + " must be an integer, found " + (value.isMissingNode() ? "nothing" : value));
        }
        return value.intValue();
    }

    private static void refuseUnless(String field, String value, String supported) {
        if (!value.equals(supported)) {
            throw new InvalidCheckpoint(field + " '" + value + "' is not supported; supported: " + supported);
        }
    }

    private static void requirePositive(String field, int value) {
        if (value < 1) {
            throw new InvalidCheckpoint(field + " is " + value + ", must be at least 1");
        }
    }
}

package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's shape and switches, read from a Hugging Face {@code config.json}. The decoder knows no families: what tells
 * one from another is a value here.
 *
 * @param architecture the model's class in transformers
 * @param keyValueHeads fewer than {@code heads} for grouped-query attention
 * @param headDim may differ from {@code hiddenSize / heads}
 * @param contextLength the longest sequence the model was made for
 * @param rope the rotary embedding; null where positions are learned
 * @param tiedHead whether the output layer is the embedding
 * @param initializerRange the standard deviation of a fresh model's weights
 * @param switches what else is different from a plain Llama
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
        @Nullable Rope rope,
        boolean tiedHead,
        double initializerRange,
        Switches switches) {

    /** The architectures whose every switch is known. */
    public static final List<String> SUPPORTED = Family.architectures();

    public ModelConfig {
        Bounds.require("vocab_size", vocabularySize, Bounds.VOCABULARY);
        Bounds.require("hidden_size", hiddenSize, Bounds.WIDTH);
        Bounds.require("intermediate_size", intermediateSize, Bounds.WIDTH);
        Bounds.require("num_hidden_layers", layers, Bounds.LAYERS);
        Bounds.require("num_attention_heads", heads, Bounds.HEADS);
        Bounds.require("num_key_value_heads", keyValueHeads, Bounds.HEADS);
        Bounds.require("head_dim", headDim, Bounds.HEAD_DIM);
        Bounds.require("max_position_embeddings", contextLength, Bounds.CONTEXT);
        Bounds.requirePositive("rms_norm_eps", normEpsilon);
        Bounds.requirePositive("initializer_range", initializerRange);
        if (heads % keyValueHeads != 0) {
            throw new InvalidCheckpoint(
                    "num_attention_heads " + heads + " is not a multiple of num_key_value_heads " + keyValueHeads);
        }
        if (rope != null && rope.dimensions(headDim) % 2 != 0) {
            throw new InvalidCheckpoint("of head_dim " + headDim + ", " + rope.dimensions(headDim)
                    + " dimensions are rotated, an odd number; rotary embedding needs pairs");
        }
    }

    /** The rotary embedding of a layer; null where positions are learned. */
    public @Nullable Rope rope(int layer) {
        return switches.windowed(layer) ? switches.windowedRope().orElse(rope) : rope;
    }

    /** Reads a {@code config.json}. */
    public static ModelConfig read(Path file) throws IOException {
        JsonNode json = JsonFile.read(file);
        try {
            return parse(json);
        } catch (InvalidCheckpoint e) {
            throw new InvalidCheckpoint(file + ": " + e.getMessage(), e);
        }
    }

    /** Reads either layout: that of transformers 4 (and the Hub), or that of transformers 5. */
    public static ModelConfig parse(JsonNode json) {
        return new ConfigReader(json).read();
    }
}

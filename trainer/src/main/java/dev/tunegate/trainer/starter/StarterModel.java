package dev.tunegate.trainer.starter;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the starter model is trained from: an untrained model directory with a tokenizer learned from the text, and the text
 * itself as training and validation file.
 */
public final class StarterModel {
    static final int VALIDATION_EXAMPLES = 500;

    private static final int VOCABULARY = 3072;
    private static final int CONTEXT = 512;
    private static final int TOKENIZER_EXAMPLES = 5000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private StarterModel() {}

    /**
     * Writes {@code initial/}, {@code train.jsonl} and {@code validation.jsonl}; the same seed gives the same files.
     *
     * @param examples lines of the training file
     */
    public static void prepare(Path directory, int examples, long seed) throws IOException {
        Path initial = Files.createDirectories(directory.resolve("initial"));
        writeText(directory.resolve("train.jsonl"), new StarterText(seed), examples);
        writeText(directory.resolve("validation.jsonl"), new StarterText(seed + 1), VALIDATION_EXAMPLES);
        TokenizerFiles.write(initial, tokenizerText(new StarterText(seed)), VOCABULARY, CONTEXT);
        writeJson(initial.resolve("config.json"), config());
        writeJson(initial.resolve("generation_config.json"), generationConfig());
        ModelConfig config = ModelConfig.read(initial.resolve("config.json"));
        InitialWeights.write(initial.resolve("model.safetensors"), config, seed);
    }

    private static void writeText(Path file, StarterText text, int examples) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < examples; i++) {
                out.write(text.nextJsonLine());
                out.newLine();
            }
        }
    }

    /** Every number up to 999 is there often enough to become one token, like every word. */
    private static List<String> tokenizerText(StarterText text) {
        Stream<String> conversations =
                Stream.generate(() -> text.next().toChatText()).limit(TOKENIZER_EXAMPLES);
        Stream<String> numbers = IntStream.range(0, 10 * 1000).mapToObj(i -> Integer.toString(i % 1000));
        return Stream.concat(conversations, numbers).toList();
    }

    /** The model is small enough to train on two CPU cores; four layers are enough to find a name and to copy it. */
    private static ObjectNode config() {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("architectures").add("LlamaForCausalLM");
        config.put("model_type", "llama").put("torch_dtype", "bfloat16");
        config.put("vocab_size", VOCABULARY).put("hidden_size", 128).put("intermediate_size", 384);
        config.put("num_hidden_layers", 4).put("num_attention_heads", 4).put("num_key_value_heads", 2);
        config.put("head_dim", 32).put("max_position_embeddings", CONTEXT);
        config.put("hidden_act", "silu").put("rms_norm_eps", 1e-5).put("rope_theta", 10_000.0);
        config.put("attention_bias", false).put("mlp_bias", false).put("attention_dropout", 0.0);
        config.put("tie_word_embeddings", true).put("initializer_range", 0.05).put("use_cache", true);
        config.putNull("bos_token_id").put("eos_token_id", TokenizerFiles.id(TokenizerFiles.MESSAGE_END));
        return config.put("pad_token_id", TokenizerFiles.id(TokenizerFiles.END_OF_TEXT));
    }

    private static ObjectNode generationConfig() {
        ObjectNode config = JSON.createObjectNode();
        config.put("eos_token_id", TokenizerFiles.id(TokenizerFiles.MESSAGE_END));
        return config.put("pad_token_id", TokenizerFiles.id(TokenizerFiles.END_OF_TEXT));
    }

    private static void writeJson(Path file, ObjectNode node) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n");
    }
}

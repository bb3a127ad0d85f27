package dev.tunegate.trainer.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tunegate.trainer.checkpoint.JsonFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the small JSON files of a Hugging Face directory say about text.
 *
 * @param specialTokens {@code bos_token}, {@code eos_token} and the like with their text, as templates see them
 * @param templates chat templates by name; a single one is called {@code default}
 * @param eosIds the ids that end a generation
 * @param embeddingRows the ids that the model has an embedding for are those below
 */
record ModelText(
        Map<String, String> specialTokens, Map<String, String> templates, Set<Integer> eosIds, int embeddingRows) {

    static final String DEFAULT_TEMPLATE = "default";

    private static final long LONGEST_TEMPLATE_BYTES = 4L << 20;
    private static final List<String> TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    static ModelText read(Path modelDir) throws IOException {
        JsonNode config = json(modelDir.resolve("tokenizer_config.json"));
        JsonNode map = json(modelDir.resolve("special_tokens_map.json"));
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String name : TOKENS) {
            String token = token(config.has(name) ? config.get(name) : map.path(name));
            if (token != null) {
                tokens.put(name, token);
            }
        }
        Set<Integer> eosIds = new LinkedHashSet<>();
        for (String name : List.of("generation_config.json", "config.json")) {
            JsonNode eos = json(modelDir.resolve(name)).path("eos_token_id");
            for (JsonNode id : eos.isArray() ? eos : List.of(eos)) {
                if (id.canConvertToInt() && id.isIntegralNumber()) {
                    eosIds.add(id.intValue());
                }
            }
        }
        int embeddingRows =
                json(modelDir.resolve("config.json")).path("vocab_size").asInt(Integer.MAX_VALUE);
        return new ModelText(tokens, templates(modelDir, config.path("chat_template")), eosIds, embeddingRows);
    }

    @Nullable
    String eosToken() {
        return specialTokens.get("eos_token");
    }

    // Hugging Face lets the file beside win over the entry in tokenizer_config.json.
    private static Map<String, String> templates(Path modelDir, JsonNode configured) throws IOException {
        Map<String, String> templates = new LinkedHashMap<>();
        if (configured.isTextual()) {
            templates.put(DEFAULT_TEMPLATE, configured.textValue());
        }
        for (JsonNode named : configured.isArray() ? configured : List.<JsonNode>of()) {
            templates.put(named.path("name").asText(), named.path("template").asText());
        }
        Path beside = modelDir.resolve("chat_template.jinja");
        if (Files.isRegularFile(beside)) {
            JsonFile.requireSize(beside, LONGEST_TEMPLATE_BYTES);
            templates.put(DEFAULT_TEMPLATE, Files.readString(beside, StandardCharsets.UTF_8));
        }
        return templates;
    }

    // A token is its text, or an object that has the text as its content.
    private static @Nullable String token(JsonNode node) {
        JsonNode text = node.isObject() ? node.path("content") : node;
        return text.isTextual() ? text.textValue() : null;
    }

    private static JsonNode json(Path file) throws IOException {
        return Files.isRegularFile(file) ? JsonFile.read(file) : MissingNode.getInstance();
    }
}

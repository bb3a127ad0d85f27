package dev.tunegate.trainer.text;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What we need of a {@code tokenizer.json} beyond encoding and decoding. It is read as a stream: with its merges the
 * file of a large vocabulary has tens of megabytes.
 *
 * @param addedTokens the tokens that are matched in the text before anything else, with their ids
 * @param vocabularySize one more than the highest id
 */
record TokenizerFile(Map<String, Integer> addedTokens, int vocabularySize) {

    /** Gemma 3's tokenizer has this behind the last token of its text models: it stands for images, which they cannot see. */
    private static final String IMAGE_TOKEN = "<image_soft_token>";

    private static final int MOST_ADDED = 200_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    static TokenizerFile read(Path file) throws IOException {
        Map<String, Integer> added = new LinkedHashMap<>();
        int highest = -1;
        try (JsonParser json = JSON.createParser(file.toFile())) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                if (field.equals("added_tokens")) {
                    readAdded(json, added, file);
                } else if (field.equals("model") && json.currentToken() == JsonToken.START_OBJECT) {
                    highest = highestModelId(json);
                } else {
                    json.skipChildren();
                }
            }
        }
        for (int id : added.values()) {
            highest = Math.max(highest, id);
        }
        return new TokenizerFile(added, highest + 1);
    }

    /** The tokens that the embedding of a model must have; what stands for images needs none. */
    int neededRows() {
        Integer image = addedTokens.get(IMAGE_TOKEN);
        return image != null && image == vocabularySize - 1 ? image : vocabularySize;
    }

    private static void readAdded(JsonParser json, Map<String, Integer> added, Path file) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            json.skipChildren();
            return;
        }
        while (json.nextToken() == JsonToken.START_OBJECT) {
            JsonNode token = json.readValueAsTree();
            added.put(token.path("content").asText(), token.path("id").asInt());
            if (added.size() > MOST_ADDED) {
                throw new InvalidCheckpoint(file + ": added_tokens has more than " + MOST_ADDED + " entries");
            }
        }
    }

    private static int highestModelId(JsonParser json) throws IOException {
        int highest = -1;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            boolean vocabulary = json.currentName().equals("vocab");
            JsonToken start = json.nextToken();
            if (vocabulary && start == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    json.nextToken();
                    highest = Math.max(highest, json.getIntValue());
                }
            } else if (vocabulary && start == JsonToken.START_ARRAY) {
                // A unigram model lists [piece, score] pairs; the position is the id.
                while (json.nextToken() == JsonToken.START_ARRAY) {
                    json.skipChildren();
                    highest++;
                }
            } else {
                json.skipChildren();
            }
        }
        return highest;
    }
}

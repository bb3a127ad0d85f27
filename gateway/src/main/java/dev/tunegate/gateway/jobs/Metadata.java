package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.InvalidField;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits of a `metadata` object. */
public final class Metadata {
    public static final int MAX_PAIRS = 16;
    private static final int MAX_KEY = 64;
    private static final int MAX_VALUE = 512;

    private Metadata() {}

    public static @Nullable JsonNode check(@Nullable JsonNode metadata) {
        if (metadata == null) {
            return null;
        }
        if (!metadata.isObject()) {
            throw InvalidField.of("metadata", metadata, "input should be an object of strings");
        }
        if (metadata.size() > MAX_PAIRS) {
            throw invalid(metadata, "input should have at most " + MAX_PAIRS + " pairs, not " + metadata.size());
        }
        for (Map.Entry<String, JsonNode> pair : metadata.properties()) {
            String key = pair.getKey();
            if (length(key) > MAX_KEY) {
                throw invalid(metadata, "keys should have at most " + MAX_KEY + " characters");
            }
            if (!pair.getValue().isTextual()) {
                throw invalid(metadata, "the value of '" + ApiError.quoted(key) + "' should be a string");
            }
            if (length(pair.getValue().textValue()) > MAX_VALUE) {
                throw invalid(
                        metadata,
                        "the value of '" + ApiError.quoted(key) + "' should have at most " + MAX_VALUE + " characters");
            }
        }
        return metadata;
    }

    private static ApiError invalid(JsonNode metadata, String why) {
        return InvalidField.of("metadata", metadata, why);
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}

package dev.tunegate.gateway.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a request's JSON object one by one, with the live service's messages, which no schema validator
 * has. A null counts as absent.
 */
public final class RequestFields {
    private final ObjectNode object;

    public RequestFields(ObjectNode object) {
        this.object = object;
    }

    public @Nullable JsonNode optional(String field) {
        JsonNode value = object.get(field);
        return value == null || value.isNull() ? null : value;
    }

    /** A text that must be there and not be empty. */
    public String requiredText(String field) {
        String value = optionalText(field, 1, Integer.MAX_VALUE);
        if (value == null) {
            throw InvalidField.missing(field);
        }
        return value;
    }

    /**
     * A text, null where there is none.
     *
     * @param min the fewest characters, counted as code points
     * @param max the most
     */
    public @Nullable String optionalText(String field, int min, int max) {
        JsonNode value = optional(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw InvalidField.of(field, value, "input should be a string");
        }
        int length = value.textValue().codePointCount(0, value.textValue().length());
        if (length < min || length > max) {
            String range = max == Integer.MAX_VALUE ? "at least " + min : min + " to " + max;
            throw InvalidField.of(field, value, "input should have " + range + " characters");
        }
        return value.textValue();
    }

    /** An integer from 0 on, null where there is none. */
    public @Nullable Integer optionalCount(String field) {
        JsonNode value = optional(field);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw InvalidField.of(field, value, "input should be an integer from 0 to " + Integer.MAX_VALUE);
        }
        return value.intValue();
    }

    /** Fails at the first member that is not among the known ones. */
    public static void refuseUnknown(JsonNode object, Set<String> known) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!known.contains(member.getKey())) {
                throw InvalidField.unknown(member.getKey(), member.getValue());
            }
        }
    }
}

package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import org.jspecify.annotations.Nullable;

/** Reads a chat request's tools. */
final class ChatTools {
    private ChatTools() {}

    /** The tools as the client gave them; null when there are none, or they must not be used. */
    static @Nullable ArrayNode read(Fields fields) {
        JsonNode choice = fields.value("tool_choice");
        boolean none = choice != null && choice.asText().equals("none");
        if (choice != null && !none && !choice.asText().equals("auto")) {
            throw RequestError.invalid(
                    "Invalid value for 'tool_choice': this model supports 'auto' and 'none'.", "tool_choice", null);
        }
        JsonNode tools = fields.value("tools");
        if (tools == null) {
            return null;
        }
        if (!(tools instanceof ArrayNode array)) {
            throw Fields.wrongType("tools", "an array of objects", tools);
        }
        for (int i = 0; i < array.size(); i++) {
            checkTool(array.get(i), "tools[%d]".formatted(i));
        }
        return none || array.isEmpty() ? null : array;
    }

    private static void checkTool(JsonNode tool, String name) {
        if (!tool.isObject()) {
            throw Fields.wrongType(name, "an object", tool);
        }
        if (!tool.path("type").asText().equals("function")) {
            throw RequestError.invalid(
                    "Invalid value for '%s.type': supported values are: 'function'.".formatted(name),
                    name + ".type",
                    "invalid_value");
        }
        if (!tool.path("function").path("name").isTextual()) {
            throw RequestError.invalid(
                    "Missing required parameter: '%s.function.name'.".formatted(name),
                    name + ".function.name",
                    "missing_required_parameter");
        }
    }
}

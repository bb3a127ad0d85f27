package dev.tunegate.trainer.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's messages in the form chat templates are written for: contents are strings, tool arguments are objects,
 * what is null is not there.
 *
 * @param messages the messages, each with a role and a content
 * @param tools the tools, or null
 * @param learned for each message whether it is the assistant's and not of weight 0
 */
record Conversation(List<JsonNode> messages, @Nullable JsonNode tools, List<Boolean> learned) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * Brings messages into that form.
     *
     * @param developerRole whether the template knows the role; otherwise a developer speaks as the system
     * @throws IllegalArgumentException when messages is not an array of objects
     */
    static Conversation of(JsonNode messages, @Nullable JsonNode tools, boolean developerRole) {
        if (!messages.isArray()) {
            throw new IllegalArgumentException("messages must be an array");
        }
        List<JsonNode> adapted = new ArrayList<>(messages.size());
        List<Boolean> learned = new ArrayList<>(messages.size());
        for (JsonNode message : messages) {
            if (!message.isObject()) {
                throw new IllegalArgumentException("each message must be an object");
            }
            boolean assistant = message.path("role").asText().equals("assistant");
            learned.add(assistant && message.path("weight").asDouble(1) != 0);
            adapted.add(adapt(message, developerRole));
        }
        boolean hasTools = tools != null && tools.isArray() && !tools.isEmpty();
        return new Conversation(adapted, hasTools ? tools : null, learned);
    }

    /** The same conversation with tool arguments as JSON text, as a few templates want them. */
    Conversation withArgumentsAsText() {
        List<JsonNode> changed = new ArrayList<>(messages.size());
        for (JsonNode message : messages) {
            ObjectNode copy = message.deepCopy();
            for (JsonNode call : copy.path("tool_calls")) {
                if (call.path("function") instanceof ObjectNode function && function.has("arguments")) {
                    JsonNode arguments = function.get("arguments");
                    function.put("arguments", arguments.isTextual() ? arguments.textValue() : arguments.toString());
                }
            }
            changed.add(copy);
        }
        return new Conversation(changed, tools, learned);
    }

    boolean hasToolCalls() {
        return messages.stream().anyMatch(message -> message.has("tool_calls"));
    }

    private static JsonNode adapt(JsonNode message, boolean developerRole) {
        ObjectNode adapted = JSON.createObjectNode();
        message.properties().forEach(field -> {
            if (!field.getValue().isNull() && !field.getKey().equals("weight")) {
                adapted.set(field.getKey(), field.getValue());
            }
        });
        String role = message.path("role").asText();
        if (role.equals("developer") && !developerRole) {
            adapted.put("role", "system");
        } else if (role.equals("function")) {
            adapted.put("role", "tool");
        }
        JsonNode content = adapted.has("content") ? adapted.get("content") : adapted.path("refusal");
        adapted.put("content", text(content));
        ArrayNode calls = toolCalls(adapted);
        adapted.remove(List.of("tool_calls", "function_call"));
        if (!calls.isEmpty()) {
            adapted.set("tool_calls", calls);
        }
        return adapted;
    }

    /** A content's text; parts are joined by line breaks, as vLLM and llama.cpp join them. */
    private static String text(JsonNode content) {
        if (!content.isArray()) {
            return content.asText("");
        }
        List<String> parts = new ArrayList<>();
        for (JsonNode part : content) {
            parts.add(
                    part.isTextual()
                            ? part.textValue()
                            : part.path(part.has("text") ? "text" : "refusal").asText());
        }
        return String.join("\n", parts);
    }

    private static ArrayNode toolCalls(JsonNode message) {
        ArrayNode calls = JSON.createArrayNode();
        for (JsonNode call : message.path("tool_calls")) {
            ObjectNode copy = call.deepCopy();
            if (copy.path("function") instanceof ObjectNode function) {
                parseArguments(function);
            }
            calls.add(copy);
        }
        if (message.path("function_call").isObject()) {
            ObjectNode function = message.get("function_call").deepCopy();
            parseArguments(function);
            calls.addObject().put("type", "function").set("function", function);
        }
        return calls;
    }

    // OpenAI sends arguments as JSON text, templates write them with tojson, which would quote them twice.
    private static void parseArguments(ObjectNode function) {
        if (function.path("arguments").isTextual()) {
            try {
                JsonNode parsed = JSON.readTree(function.get("arguments").textValue());
                if (parsed.isObject()) {
                    function.set("arguments", parsed);
                }
            } catch (JacksonException e) {
                // A model may have written broken JSON; it stays the text it is.
                function.put("arguments", function.get("arguments").textValue());
            }
        }
    }
}

package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Checks a request's messages and brings them into the form chat templates expect: content as one string, the arguments
 * of a tool call as an object instead of a string of JSON, nothing but the fields templates know.
 */
final class ChatMessages {
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");

    private ChatMessages() {}

    static ArrayNode read(JsonNode messages) {
        if (!messages.isArray()) {
            throw Fields.wrongType("messages", "an array of objects", messages);
        }
        if (messages.isEmpty()) {
            throw RequestError.invalid(
                    "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                    "messages",
                    "empty_array");
        }
        ArrayNode result = JsonNodeFactory.instance.arrayNode();
        for (int i = 0; i < messages.size(); i++) {
            result.add(message(messages.get(i), "messages[%d]".formatted(i)));
        }
        return result;
    }

    private static ObjectNode message(JsonNode value, String name) {
        if (!(value instanceof ObjectNode object)) {
            throw Fields.wrongType(name, "an object", value);
        }
        String role = requiredText(object, "role", name);
        if (!ROLES.contains(role)) {
            throw RequestError.invalid(
                    "Invalid value: '%s'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."
                            .formatted(role),
                    name + ".role",
                    "invalid_value");
        }
        ObjectNode message = JsonNodeFactory.instance.objectNode().put("role", role);
        JsonNode toolCalls = object.path("tool_calls");
        boolean calls = role.equals("assistant") && toolCalls.isArray() && !toolCalls.isEmpty();
        message.set("content", content(object.path("content"), name + ".content", calls));
        for (String optional : Set.of("name", "tool_call_id")) {
            if (object.hasNonNull(optional)) {
                message.put(optional, Fields.text(object.get(optional), name + "." + optional));
            }
        }
        if (calls) {
            ArrayNode list = message.putArray("tool_calls");
            for (int i = 0; i < toolCalls.size(); i++) {
                list.add(toolCall(toolCalls.get(i), "%s.tool_calls[%d]".formatted(name, i)));
            }
        }
        return message;
    }

    private static JsonNode content(JsonNode content, String name, boolean mayBeAbsent) {
        if (content.isTextual()) {
            return content;
        }
        if (content.isArray()) {
            String text = StreamSupport.stream(content.spliterator(), false)
                    .map(part -> textPart(part, name))
                    .collect(Collectors.joining("\n"));
            return JsonNodeFactory.instance.textNode(text);
        }
        if (mayBeAbsent && (content.isMissingNode() || content.isNull())) {
            return JsonNodeFactory.instance.nullNode();
        }
        throw content.isMissingNode()
                ? RequestError.invalid(
                        "Missing required parameter: '%s'.".formatted(name), name, "missing_required_parameter")
                : Fields.wrongType(name, "one of a string or array of objects", content);
    }

    private static String textPart(JsonNode part, String name) {
        String type = part.path("type").asText();
        if (!type.equals("text") && !type.equals("refusal")) {
            throw RequestError.invalid(
                    "Invalid content part type '%s': this model reads text only.".formatted(type),
                    name,
                    "invalid_value");
        }
        return requiredText(part, type, name);
    }

    private static ObjectNode toolCall(JsonNode call, String name) {
        JsonNode function = call.path("function");
        ObjectNode result = JsonNodeFactory.instance.objectNode();
        result.put("id", requiredText(call, "id", name)).put("type", "function");
        result.putObject("function")
                .put("name", requiredText(function, "name", name + ".function"))
                .set("arguments", arguments(requiredText(function, "arguments", name + ".function")));
        return result;
    }

    /** Templates write the arguments with tojson, so they get the object; what is no JSON stays a string. */
    private static JsonNode arguments(String json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.textNode(json);
        }
    }

    private static String requiredText(JsonNode object, String field, String name) {
        String path = name + "." + field;
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            throw RequestError.invalid(
                    "Missing required parameter: '%s'.".formatted(path), path, "missing_required_parameter");
        }
        return Fields.text(value, path);
    }
}

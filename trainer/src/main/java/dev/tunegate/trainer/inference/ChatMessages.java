package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/** Checks a request's messages; the chat template takes them in OpenAI's form. */
final class ChatMessages {
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");

    private ChatMessages() {}

    static ArrayNode read(JsonNode messages) {
        if (!(messages instanceof ArrayNode array)) {
            throw Fields.wrongType("messages", "an array of objects", messages);
        }
        if (array.isEmpty()) {
            throw RequestError.invalid(
                    "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
                    "messages",
                    "empty_array");
        }
        for (int i = 0; i < array.size(); i++) {
            check(array.get(i), "messages[%d]".formatted(i));
        }
        return array;
    }

    private static void check(JsonNode message, String name) {
        if (!(message instanceof ObjectNode)) {
            throw Fields.wrongType(name, "an object", message);
        }
        String role = requiredText(message, "role", name);
        if (!ROLES.contains(role)) {
            throw RequestError.invalid(
                    "Invalid value: '%s'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."
                            .formatted(role),
                    name + ".role",
                    "invalid_value");
        }
        JsonNode calls = message.path("tool_calls");
        checkContent(message.path("content"), name + ".content", role.equals("assistant") && mayBeWordless(message));
        for (String optional : List.of("name", "tool_call_id")) {
            if (message.hasNonNull(optional)) {
                Fields.text(message.get(optional), name + "." + optional);
            }
        }
        for (int i = 0; i < calls.size(); i++) {
            checkCall(calls.path(i), "%s.tool_calls[%d]".formatted(name, i));
        }
    }

    private static boolean mayBeWordless(JsonNode message) {
        return !message.path("tool_calls").isEmpty()
                || message.path("function_call").isObject()
                || message.path("refusal").isTextual();
    }

    private static void checkContent(JsonNode content, String name, boolean mayBeAbsent) {
        boolean absent = content.isMissingNode() || content.isNull();
        if (content.isMissingNode() && !mayBeAbsent) {
            throw missing(name);
        }
        if (!content.isTextual() && !content.isArray() && !(absent && mayBeAbsent)) {
            throw Fields.wrongType(name, "one of a string or array of objects", content);
        }
        for (int i = 0; i < content.size(); i++) {
            checkPart(content.get(i), "%s[%d]".formatted(name, i));
        }
    }

    private static void checkPart(JsonNode part, String name) {
        String type = requiredText(part, "type", name);
        if (!type.equals("text") && !type.equals("refusal")) {
            throw RequestError.invalid(
                    "Invalid content part type '%s': this model reads text only.".formatted(type),
                    name + ".type",
                    "invalid_value");
        }
        requiredText(part, type, name);
    }

    private static void checkCall(JsonNode call, String name) {
        requiredText(call, "id", name);
        requiredText(call.path("function"), "name", name + ".function");
        requiredText(call.path("function"), "arguments", name + ".function");
    }

    private static String requiredText(JsonNode object, String field, String name) {
        String path = name + "." + field;
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            throw missing(path);
        }
        return Fields.text(value, path);
    }

    private static RequestError missing(String path) {
        return RequestError.invalid(
                "Missing required parameter: '%s'.".formatted(path), path, "missing_required_parameter");
    }
}

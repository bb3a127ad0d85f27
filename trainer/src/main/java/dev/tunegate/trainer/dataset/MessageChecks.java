package dev.tunegate.trainer.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks one message of a line. A fault is a phrase that goes on after "message 2". */
final class MessageChecks {

    private static final List<String> ROLES = List.of("system", "developer", "user", "assistant", "tool", "function");

    private MessageChecks() {}

    static @Nullable String faultOf(JsonNode message) {
        if (!message.isObject()) {
            return "is not a JSON object";
        }
        JsonNode role = message.path("role");
        if (!role.isTextual() || !ROLES.contains(role.textValue())) {
            String found = role.isMissingNode() ? "has no role" : "has the role " + shown(role);
            return "%s; expected one of %s".formatted(found, String.join(", ", ROLES));
        }
        boolean assistant = role.textValue().equals("assistant");
        String fault = content(message, assistant);
        fault = fault != null ? fault : weight(message, assistant);
        fault = fault != null ? fault : calls(message, assistant);
        return fault != null ? fault : strings(message);
    }

    private static @Nullable String content(JsonNode message, boolean assistant) {
        JsonNode content = message.path("content");
        if (content.isTextual()) {
            return null;
        } else if (content.isArray()) {
            return parts(content, assistant);
        } else if (!isAbsent(content)) {
            return "has a content that is neither a string nor a list of text parts";
        }
        boolean says = message.path("tool_calls").isArray()
                || message.path("function_call").isObject()
                || message.path("refusal").isTextual();
        return assistant && says ? null : "has no content";
    }

    private static @Nullable String parts(JsonNode parts, boolean assistant) {
        if (parts.isEmpty()) {
            return "has a content without parts";
        }
        for (JsonNode part : parts) {
            String type = part.path("type").asText();
            boolean refusal =
                    assistant && type.equals("refusal") && part.path("refusal").isTextual();
            if (!refusal && !type.equals("text")) {
                return "has a content part of type %s; only text can be trained on".formatted(shown(part.path("type")));
            }
            if (!refusal && !part.path("text").isTextual()) {
                return "has a content part whose text is not a string";
            }
        }
        return null;
    }

    private static @Nullable String weight(JsonNode message, boolean assistant) {
        JsonNode weight = message.path("weight");
        if (isAbsent(weight)) {
            return null;
        } else if (!assistant) {
            return "has a weight, which only an assistant's message can have";
        }
        boolean binary = weight.isNumber() && (weight.doubleValue() == 0 || weight.doubleValue() == 1);
        return binary ? null : "has the weight " + shown(weight) + "; expected 0 or 1";
    }

    private static @Nullable String calls(JsonNode message, boolean assistant) {
        JsonNode calls = message.path("tool_calls");
        JsonNode call = message.path("function_call");
        if (!assistant && !(isAbsent(calls) && isAbsent(call))) {
            return "calls a tool, which only an assistant's message can do";
        }
        if (!isAbsent(call)) {
            return function(call) ? null : "has a function_call without a name or without arguments";
        }
        if (isAbsent(calls)) {
            return null;
        } else if (!calls.isArray()) {
            return "has tool_calls that are not a list";
        }
        for (JsonNode each : calls) {
            JsonNode type = each.path("type");
            if (!isAbsent(type) && !type.asText().equals("function")) {
                return "has a tool call of type %s; expected \"function\"".formatted(shown(type));
            }
            if (!function(each.path("function"))) {
                return "has a tool call whose function has no name or no arguments";
            }
        }
        return null;
    }

    private static boolean function(JsonNode function) {
        JsonNode arguments = function.path("arguments");
        return function.path("name").isTextual() && (arguments.isTextual() || arguments.isObject());
    }

    private static @Nullable String strings(JsonNode message) {
        for (String field : List.of("name", "tool_call_id", "refusal")) {
            JsonNode value = message.path(field);
            if (!isAbsent(value) && !value.isTextual()) {
                return "has a %s that is not a string".formatted(field);
            }
        }
        return null;
    }

    private static boolean isAbsent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static String shown(JsonNode value) {
        String json = value.isMissingNode() ? "(none)" : value.toString();
        int end = Math.min(json.length(), 40);
        return json.substring(0, end) + (end < json.length() ? "…" : "");
    }
}

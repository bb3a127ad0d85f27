package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.trainer.inference.ChatCompletion.ToolCall;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells an answer's words from its tool calls, in the two formats most models were trained on: Hermes' and Qwen's
 * {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}, and Llama 3.1's answer that is one JSON object
 * {@code {"name": …, "parameters": {…}}}. What turns out not to be a call is words after all.
 */
final class ToolCallText {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";

    private final Set<String> tools;
    private final StringBuilder text = new StringBuilder();
    private int shown;

    /** @param tools the request's tools; without them all text is words */
    ToolCallText(@Nullable ArrayNode tools) {
        Set<String> names = new HashSet<>();
        if (tools != null) {
            tools.forEach(tool -> names.add(tool.path("function").path("name").asText()));
        }
        this.tools = names;
    }

    /** How an answer ends: words not shown yet, and its calls. */
    record End(String content, List<ToolCall> calls) {}

    /** Takes the next piece; returns the words that are certain not to belong to a call. */
    String push(String piece) {
        text.append(piece);
        return showUpTo(firstPossibleCall());
    }

    End end() {
        List<ToolCall> calls = calls();
        return calls.isEmpty() ? new End(showUpTo(text.length()), calls) : new End("", calls);
    }

    private String showUpTo(int end) {
        String result = text.substring(shown, end);
        shown = end;
        return result;
    }

    private int firstPossibleCall() {
        if (tools.isEmpty()) {
            return text.length();
        }
        String begin = text.toString().stripLeading();
        if (begin.isEmpty() || begin.startsWith("{")) {
            return 0;
        }
        int open = text.indexOf(OPEN, shown);
        if (open >= 0) {
            return open;
        }
        for (int length = Math.min(OPEN.length() - 1, text.length() - shown); length > 0; length--) {
            if (OPEN.startsWith(text.substring(text.length() - length))) {
                return text.length() - length;
            }
        }
        return text.length();
    }

    private List<ToolCall> calls() {
        List<ToolCall> calls = new ArrayList<>();
        String rest = text.substring(shown).strip();
        if (rest.startsWith("{")) {
            return addCall(rest, calls) ? calls : List.of();
        }
        while (rest.startsWith(OPEN)) {
            int close = rest.indexOf(CLOSE);
            String json = rest.substring(OPEN.length(), close < 0 ? rest.length() : close);
            if (!addCall(json, calls)) {
                return List.of();
            }
            rest = close < 0 ? "" : rest.substring(close + CLOSE.length()).strip();
        }
        return calls;
    }

    private boolean addCall(String json, List<ToolCall> calls) {
        JsonNode call;
        try {
            call = Json.MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            return false;
        }
        JsonNode arguments = call.has("arguments") ? call.get("arguments") : call.path("parameters");
        if (!tools.contains(call.path("name").asText()) || !arguments.isObject()) {
            return false;
        }
        calls.add(ToolCall.of(call.get("name").asText(), arguments.toString()));
        return true;
    }
}

package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Puts together from the chunks of a stream the completion that it would be had it not been streamed. */
final class StreamedCompletion {
    private static final String DATA = "data:";
    private static final String DONE = "[DONE]";
    /** Fields that each chunk has, or some: the first that says something counts. */
    private static final List<String> COMMON = List.of("id", "created", "model", "system_fingerprint", "service_tier");

    private final long limit;
    private final ObjectNode common = Json.MAPPER.createObjectNode();
    private final SortedMap<Integer, StreamedChoice> choices = new TreeMap<>();
    private JsonNode usage = Json.MAPPER.nullNode();
    private long size;
    private boolean isError;
    private boolean isUnreadable;

    /** @param limit how many bytes it may come to, about */
    StreamedCompletion(long limit) {
        this.limit = limit;
    }

    /** Takes the next line. */
    void hear(String line) {
        if (!line.startsWith(DATA) || isTooLarge()) {
            return;
        }
        String data = line.substring(DATA.length()).strip();
        if (data.isEmpty() || data.equals(DONE)) {
            return;
        }
        try {
            add(Json.MAPPER.readTree(data));
        } catch (IOException e) {
            isUnreadable = true;
        }
    }

    private void add(JsonNode chunk) {
        if (chunk.hasNonNull("error")) {
            isError = true;
            return;
        }
        for (String field : COMMON) {
            if (isEmpty(common.path(field)) && chunk.has(field)) {
                common.set(field, chunk.path(field));
            }
        }
        if (chunk.path("usage").isObject()) {
            usage = chunk.path("usage");
        }
        for (JsonNode choice : chunk.path("choices")) {
            size += StreamedChoice.size(choice);
            if (isTooLarge()) {
                choices.clear();
                return;
            }
            choices.computeIfAbsent(choice.path("index").asInt(), StreamedChoice::new)
                    .add(choice);
        }
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isNull() || value.asText().isEmpty() || value.asText().equals("0");
    }

    /** Whether an event was an error. */
    boolean isError() {
        return isError;
    }

    boolean isTooLarge() {
        return size > limit;
    }

    /** The whole completion; null where it broke off: a choice has not come to its end, or there is none. */
    @Nullable
    ObjectNode completion() {
        if (isUnreadable || choices.isEmpty() || !choices.values().stream().allMatch(StreamedChoice::isFinished)) {
            return null;
        }
        ObjectNode completion = Json.MAPPER.createObjectNode();
        completion.put("object", "chat.completion");
        completion.setAll(common);
        ArrayNode all = completion.putArray("choices");
        choices.values().forEach(choice -> all.add(choice.json()));
        completion.set("usage", usage);
        return completion;
    }
}

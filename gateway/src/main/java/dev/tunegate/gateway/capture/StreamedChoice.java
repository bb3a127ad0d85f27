package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;

/** One of a stream's choices: the message that its deltas add up to. */
final class StreamedChoice {
    /** The bytes that a value takes beside its text, roughly. */
    private static final long NODE_BYTES = 8;

    private final int index;
    private final Merged.Members message = new Merged.Members();
    private final Merged.Members logprobs = new Merged.Members();
    private boolean hasLogprobs;
    private JsonNode finishReason = Json.MAPPER.nullNode();

    StreamedChoice(int index) {
        this.index = index;
    }

    void add(JsonNode choice) {
        if (choice.path("delta") instanceof ObjectNode delta) {
            message.add(delta);
        }
        if (choice.path("logprobs") instanceof ObjectNode more) {
            logprobs.add(more);
            hasLogprobs = true;
        }
        if (choice.path("finish_reason").isTextual()) {
            finishReason = choice.path("finish_reason");
        }
    }

    boolean isFinished() {
        return finishReason.isTextual();
    }

    ObjectNode json() {
        ObjectNode choice = Json.MAPPER.createObjectNode().put("index", index);
        choice.set("message", message.json());
        choice.set("logprobs", hasLogprobs ? logprobs.json() : Json.MAPPER.nullNode());
        choice.set("finish_reason", finishReason);
        return choice;
    }

    /** The bytes that a chunk adds to what has to be kept in memory, roughly. */
    static long size(JsonNode node) {
        long size = NODE_BYTES + (node.isTextual() ? node.textValue().length() : 0);
        for (JsonNode element : node) {
            size += size(element);
        }
        return size;
    }
}

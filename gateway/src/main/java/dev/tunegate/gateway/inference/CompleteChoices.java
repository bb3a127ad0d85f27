package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Hosts leave out of a choice what is null or goes without saying; clients count on it. */
public final class CompleteChoices {
    private CompleteChoices() {}

    /** Changes a completion so that its choices are complete, and returns it. */
    public static ObjectNode of(ObjectNode completion) {
        int index = 0;
        for (JsonNode element : completion.path("choices")) {
            if (element instanceof ObjectNode choice) {
                if (!choice.path("index").isInt()) {
                    choice.put("index", index);
                }
                ObjectNode message =
                        choice.path("message") instanceof ObjectNode there ? there : choice.putObject("message");
                if (!message.path("role").isTextual()) {
                    message.put("role", "assistant");
                }
                putNullWhereMissing(message, "content");
                putNullWhereMissing(message, "refusal");
                putNullWhereMissing(choice, "logprobs");
                putNullWhereMissing(choice, "finish_reason");
            }
            index++;
        }
        return completion;
    }

    private static void putNullWhereMissing(ObjectNode object, String field) {
        if (!object.has(field)) {
            object.putNull(field);
        }
    }
}

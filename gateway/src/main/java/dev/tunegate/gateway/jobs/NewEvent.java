package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.jspecify.annotations.Nullable;

/** An event before it has its id and number. */
public record NewEvent(
        String level, String type, String message, @Nullable JsonNode data) {

    public static NewEvent info(String message) {
        return message("info", message);
    }

    public static NewEvent warn(String message) {
        return message("warn", message);
    }

    static NewEvent error(String message) {
        return message("error", message);
    }

    /** The live service sends this one with data null, all other messages with {}. */
    static NewEvent started() {
        return new NewEvent("info", "message", "Fine-tuning job started", null);
    }

    private static NewEvent message(String level, String message) {
        return new NewEvent(level, "message", message, JsonNodeFactory.instance.objectNode());
    }
}

package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.upstream.UpstreamClient;
import org.jspecify.annotations.Nullable;

/**
 * An event of an upstream's job, in words that may be shown.
 *
 * @param createdAt seconds since 1970, null where it does not say
 * @param data null where it has none
 */
record UpstreamEvent(
        String id,
        @Nullable Long createdAt,
        String level,
        String type,
        String message,
        @Nullable JsonNode data) {

    static UpstreamEvent of(JsonNode json, UpstreamClient host) {
        return new UpstreamEvent(
                UpstreamIds.require(json.path("id"), "an event without an id", host),
                UpstreamTime.seconds(json.path("created_at")),
                level(json.path("level").asText()),
                json.path("type").asText().equals("metrics") ? "metrics" : "message",
                host.scrubber().quoted(json.path("message").asText()),
                data(json.path("data"), host));
    }

    private static String level(String word) {
        return switch (word) {
            case "warn", "warning" -> "warn";
            case "error" -> "error";
            default -> "info";
        };
    }

    private static @Nullable JsonNode data(JsonNode data, UpstreamClient host) {
        if (!data.isObject()) {
            return null;
        }
        try { // Postgres has no place for the character 0
            return Json.MAPPER.readTree(host.scrubber().scrub(data.toString()).replace("\\u0000", ""));
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** The event as the statement that writes it wants it, under an id of ours. */
    ObjectNode row() {
        return Json.MAPPER
                .createObjectNode()
                .put("id", Ids.random("ftevent-", 24))
                .put("upstream_id", id)
                .put("created_at", createdAt)
                .put("level", level)
                .put("type", type)
                .put("message", message)
                .set("data", data);
    }
}

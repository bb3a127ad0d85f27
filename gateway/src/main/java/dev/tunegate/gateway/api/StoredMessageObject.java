package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.capture.StoredMessage;
import dev.tunegate.gateway.http.Json;

/** A message of a stored completion's request as OpenAI sends it: as it was, with an id, and content of parts by itself. */
final class StoredMessageObject {
    private static final String CONTENT = "content";

    private StoredMessageObject() {}

    static ObjectNode of(StoredMessage stored) {
        ObjectNode message = stored.message();
        JsonNode content = message.path(CONTENT);
        ObjectNode object = Json.MAPPER.createObjectNode().put("id", stored.id());
        object.set("role", message.path("role"));
        object.set(CONTENT, content.isTextual() ? content : Json.MAPPER.nullNode());
        object.set("content_parts", content.isArray() ? content : Json.MAPPER.nullNode());
        object.set("name", message.has("name") ? message.get("name") : Json.MAPPER.nullNode());
        object.set("refusal", message.has("refusal") ? message.get("refusal") : Json.MAPPER.nullNode());
        message.properties().forEach(member -> {
            if (!object.has(member.getKey())) { // these are tool_calls, tool_call_id, and what else was sent
                object.set(member.getKey(), member.getValue());
            }
        });
        return object;
    }
}

package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/**
 * A chat request on its way to whoever answers it.
 *
 * @param json with the model's own name in it
 * @param body the same in bytes: the client's own ones where nothing had to be changed
 * @param asked the name that the client gave the model, which the answer is to have
 * @param model what that name stands for
 */
public record ChatRequest(ObjectNode json, Buffer body, String asked, String model) {

    /**
     * The request for the model that its name stands for.
     *
     * @param json is changed
     * @param isChanged whether {@code json} has become another than {@code body}
     */
    public static Future<ChatRequest> of(Vertx vertx, ObjectNode json, boolean isChanged, Buffer body, String model) {
        String asked = json.path("model").asText();
        if (asked.equals(model) && !isChanged) {
            return Future.succeededFuture(new ChatRequest(json, body, asked, model));
        }
        return Json.bytes(vertx, json.put("model", model), body.length())
                .map(changed -> new ChatRequest(json, changed, asked, model));
    }

    /** Tells whether the one who answers knows the model under another name than the client. */
    boolean isRenamed() {
        return !asked.equals(model);
    }

    boolean isStreamed() {
        return json.path("stream").asBoolean();
    }
}

package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.buffer.Buffer;
import java.util.Map;

/** A whole answer in JSON, as the client gets it. */
record ChatReply(int status, Buffer body) {
    private static final int OK = 200;

    static ChatReply completion(Buffer body) {
        return new ChatReply(OK, body);
    }

    static ChatReply error(ApiError error) {
        return new ChatReply(error.status(), Json.bytes(Map.of("error", error.body())));
    }

    boolean isCompletion() {
        return status == OK;
    }
}

package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An error of a worker that came when its status had gone out already, as 200 with a sign of life: it says which it would have had. */
final class LateError {
    private static final String BEGIN = "{\"error\":";

    private LateError() {}

    /** The error that JSON from a worker is, which may begin with blanks; empty for anything else. */
    static Optional<ApiError> in(Buffer json) {
        int begin = 0;
        while (begin < json.length() && json.getByte(begin) <= ' ') {
            begin++;
        }
        int end = begin + BEGIN.length();
        if (end > json.length() || !json.getString(begin, end).equals(BEGIN)) {
            return Optional.empty();
        }
        try {
            JsonNode whole = Json.MAPPER.readTree(json.getBytes(begin, json.length()));
            return of(whole.path("status").asInt(), whole.path("error"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** An error as a worker says it; empty where it is none. */
    static Optional<ApiError> of(int status, JsonNode error) {
        if (status < 400 || !error.path("message").isTextual()) {
            return Optional.empty();
        }
        return Optional.of(new ApiError(
                status,
                error.path("message").textValue(),
                error.path("type").asText("server_error"),
                text(error.path("param")),
                text(error.path("code"))));
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : null;
    }
}

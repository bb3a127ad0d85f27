package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.api.ApiError;
import dev.tunegate.gateway.api.Json;
import dev.tunegate.gateway.serving.Servings.ServedModel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An engine's answer that is no stream, as clients of OpenAI's API know answers, or the error that it amounts to. */
final class EngineAnswer {
    private static final int LONGEST = 32 * 1024 * 1024;

    private final ServedModel model;
    private final String name;
    private final int status;
    private final JsonNode json;

    EngineAnswer(ServedModel model, String name, int status, Buffer body) {
        this.model = model;
        this.name = name;
        this.status = status;
        this.json = json(body);
    }

    static Future<Buffer> read(HttpClientResponse answer) {
        Promise<Buffer> read = Promise.promise();
        Buffer body = Buffer.buffer();
        answer.exceptionHandler(read::tryFail);
        answer.endHandler(end -> read.tryComplete(body));
        answer.handler(chunk -> {
            if (body.length() + chunk.length() <= LONGEST) {
                body.appendBuffer(chunk);
            } else if (read.tryFail(badGateway("The answer of the engine has more than " + LONGEST + " bytes."))) {
                answer.request().reset();
            }
        });
        return read.future();
    }

    private static JsonNode json(Buffer body) {
        try {
            return Json.MAPPER.readTree(body.getBytes());
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** Whether it says that it has no such model. */
    boolean isLost() {
        return status == 404 && json.has("error");
    }

    /** With what some engines leave out, under the name that was asked for; throws the error that it is instead. */
    ObjectNode completion() {
        if (status == 200
                && json instanceof ObjectNode object
                && object.path("choices").isArray()) {
            for (JsonNode choice : object.path("choices")) {
                putNullWhereMissing(choice, "logprobs");
                putNullWhereMissing(choice.path("message"), "refusal");
                putNullWhereMissing(choice.path("message"), "content");
            }
            return object.put("model", name);
        }
        throw error();
    }

    private static void putNullWhereMissing(JsonNode node, String field) {
        if (node instanceof ObjectNode object && !object.has(field)) {
            object.putNull(field);
        }
    }

    private ApiError error() {
        String engine = model.engine();
        if (status == 401 || status == 403) {
            return new ApiError(
                    502,
                    engine + " refuses the key that this gateway has for it (api_key of the serving entry).",
                    "server_error",
                    null,
                    "upstream_auth");
        }
        JsonNode error = json.path("error");
        String words =
                error.isTextual() ? error.textValue() : error.path("message").asText();
        if (status >= 400 && status < 500 && !words.isEmpty()) {
            return new ApiError(
                    status,
                    said(words),
                    status == 429 ? "rate_limit_error" : "invalid_request_error",
                    text(error.path("param")),
                    text(error.path("code")));
        }
        String what = words.isEmpty() ? "" : ": " + said(words);
        return status == 503 || status == 429
                ? ApiError.unavailable(engine + " is busy" + what, "engine_unavailable")
                : badGateway(engine + " answered with status " + status + " and no completion" + what);
    }

    /** Its own words, without its key, and with our name of the model. */
    private String said(String words) {
        String key = model.serving().apiKey();
        String scrubbed = key == null ? words : words.replace(key, "****");
        return ApiError.quoted(scrubbed.replace(model.name(), name));
    }

    /** OpenAI's are texts, some engines' are numbers. */
    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? ApiError.quoted(node.textValue()) : null;
    }

    private static ApiError badGateway(String message) {
        return new ApiError(502, message, "server_error", null, "engine_error");
    }
}

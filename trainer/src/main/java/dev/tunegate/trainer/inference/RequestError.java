package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.generation.NotANumber;
import org.jspecify.annotations.Nullable;

/** A request that cannot be answered, as OpenAI's API says it: a status and {message, type, param, code}. */
public final class RequestError extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String INVALID = "invalid_request_error";

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;

    private RequestError(int status, String message, String type, @Nullable String param, @Nullable String code) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** A field's value is wrong. */
    public static RequestError invalid(String message, @Nullable String param, @Nullable String code) {
        return new RequestError(400, message, INVALID, param, code);
    }

    public static RequestError modelNotFound(String model) {
        return new RequestError(
                404, "The model '%s' does not exist".formatted(model), INVALID, "model", "model_not_found");
    }

    static RequestError tooLong(int contextLength, int promptTokens) {
        return invalid(
                "This model's maximum context length is %d tokens. However, your messages resulted in %d tokens. Please reduce the length of the messages."
                        .formatted(contextLength, promptTokens),
                "messages",
                "context_length_exceeded");
    }

    static RequestError tooLong(int contextLength, int promptTokens, int completionTokens) {
        return invalid(
                "This model's maximum context length is %d tokens. However, you requested %d tokens (%d in the messages, %d in the completion). Please reduce the length of the messages or completion."
                        .formatted(
                                contextLength, promptTokens + (long) completionTokens, promptTokens, completionTokens),
                "messages",
                "context_length_exceeded");
    }

    static RequestError notJson() {
        return invalid("We could not parse the JSON body of your request. The API expects a JSON object.", null, null);
    }

    static RequestError bodyTooLarge(int mostBytes) {
        return new RequestError(
                413, "The request body is larger than %d bytes.".formatted(mostBytes), INVALID, null, null);
    }

    static RequestError wrongToken() {
        return new RequestError(401, "Incorrect API key provided.", INVALID, null, "invalid_api_key");
    }

    static RequestError unknownUrl(String method, String path) {
        return new RequestError(404, "Invalid URL (%s %s)".formatted(method, path), INVALID, null, null);
    }

    static RequestError wrongMethod(String method, String path) {
        return new RequestError(
                405, "Not allowed to %s on %s.".formatted(method, path), INVALID, null, "method_not_supported");
    }

    /** Too many answers are waiting; the client may try again. */
    static RequestError overloaded() {
        return unavailable("The engine is currently overloaded, please try again later.");
    }

    /** The model cannot be had now; the client may try again. */
    public static RequestError unavailable(String message) {
        return new RequestError(503, message, "server_error", null, null);
    }

    /** The model's files are not in order; trying again does not help, but neither is it the client's fault. */
    public static RequestError brokenModel(String message) {
        return new RequestError(500, message, "server_error", "model", "model_broken");
    }

    /** Generation failed; only failures meant for people show their message. */
    static RequestError failed(RuntimeException failure) {
        return failure instanceof NotANumber
                ? new RequestError(500, String.valueOf(failure.getMessage()), "server_error", null, null)
                : serverError();
    }

    static RequestError serverError() {
        return new RequestError(
                500, "The server had an error while processing your request.", "server_error", null, null);
    }

    int status() {
        return status;
    }

    ObjectNode toJson() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return body;
    }

    /** The same for an answer whose status has gone out already: it says which status it would have had. */
    ObjectNode toLateJson() {
        return toJson().put("status", status);
    }

    /** The JSON type's name as OpenAI's messages use it, with its article. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> "a string";
            case BOOLEAN -> "a boolean";
            case NUMBER -> value.isIntegralNumber() ? "an integer" : "a decimal";
            case ARRAY -> "an array";
            case OBJECT, POJO -> "an object";
            case NULL, MISSING, BINARY -> "null";
        };
    }
}

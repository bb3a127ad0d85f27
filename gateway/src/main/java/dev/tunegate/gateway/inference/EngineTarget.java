package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.serving.EnginePool.ServedModel;
import dev.tunegate.gateway.upstream.WholeAnswer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An engine that has a model of ours under a name of its own, and leaves out some of what clients count on. */
record EngineTarget(ServedModel model) implements ChatTarget {

    @Override
    public String url() {
        return model.config().baseUrl() + "/v1/chat/completions";
    }

    @Override
    public Map<String, String> headers() {
        String key = model.config().apiKey();
        return key == null ? Map.of() : Map.of("authorization", "Bearer " + key);
    }

    @Override
    public Duration timeout() {
        return model.config().timeout();
    }

    @Override
    public int retries() {
        return 0;
    }

    @Override
    public Future<Buffer> body(ChatRequest request) {
        return model.address(request.json()).map(Json::bytes);
    }

    @Override
    public ReadStream<Buffer> events(ChatRequest request, ReadStream<Buffer> sent) {
        return new EventLines(
                sent,
                new RenamedLines(new ModelName(request.asked()), model.config().apiKey()));
    }

    @Override
    public Future<ChatReply> reply(ChatRequest request, WholeAnswer answer) {
        JsonNode json = answer.json();
        if (answer.status() == 404 && json.has("error")) {
            return model.doubt().transform(noted -> Future.failedFuture(model.lost()));
        }
        if (answer.status() == 200
                && json instanceof ObjectNode completion
                && completion.path("choices").isArray()) {
            return Future.succeededFuture(ChatReply.completion(
                    Json.bytes(CompleteChoices.of(completion).put("model", request.asked()))));
        }
        return Future.failedFuture(error(request, answer.status(), json.path("error")));
    }

    private ApiError error(ChatRequest request, int status, JsonNode error) {
        String engine = model.engine();
        if (status == 401 || status == 403) {
            return badGateway(
                    engine + " refuses the key that this gateway has for it (api_key of the serving entry).",
                    "upstream_auth");
        }
        String words =
                error.isTextual() ? error.textValue() : error.path("message").asText();
        if (status >= 400 && status < 500 && !words.isEmpty()) {
            return new ApiError(
                    status,
                    said(request, words),
                    status == 429 ? "rate_limit_error" : "invalid_request_error",
                    text(error.path("param")),
                    text(error.path("code")));
        }
        String what = words.isEmpty() ? "" : ": " + said(request, words);
        return status == 503 || status == 429
                ? ApiError.unavailable(engine + " is busy" + what, "engine_unavailable")
                : badGateway(engine + " answered with status " + status + " and no completion" + what, "engine_error");
    }

    /** The engine's own words, without its key, and with our name of the model. */
    private String said(ChatRequest request, String words) {
        String key = model.config().apiKey();
        String scrubbed = key == null ? words : words.replace(key, "****");
        return ApiError.quoted(scrubbed.replace(model.name(), request.asked()));
    }

    /** Reads a param or a code. OpenAI's are texts; some engines send numbers, which are left out. */
    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? ApiError.quoted(node.textValue()) : null;
    }

    @Override
    public Map<String, String> passedOn(MultiMap headers) {
        return Map.of();
    }

    @Override
    public ApiError unreachable(Throwable failure) {
        return ApiError.unavailable(
                model.engine() + ", which answers with this model, takes no connections. Try again shortly.",
                "engine_unavailable");
    }

    @Override
    public ApiError broken() {
        return ApiError.unavailable(model.engine() + " broke off its answer. Try again shortly.", "engine_unavailable");
    }

    @Override
    public ApiError late() {
        return new ApiError(
                504,
                model.engine() + " did not answer within " + timeout().toSeconds() + " s.",
                "server_error",
                null,
                "engine_timeout");
    }

    @Override
    public ApiError tooLong(int limit) {
        return badGateway("The answer of the engine has more than " + limit + " bytes.", "engine_error");
    }

    private static ApiError badGateway(String message, String code) {
        return new ApiError(502, message, "server_error", null, code);
    }

    @Override
    public String toString() {
        return model.config().toString();
    }
}

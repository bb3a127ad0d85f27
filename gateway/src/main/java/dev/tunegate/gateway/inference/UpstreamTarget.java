package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.upstream.UpstreamErrors;
import dev.tunegate.gateway.upstream.UpstreamHeaders;
import dev.tunegate.gateway.upstream.WholeAnswer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Another host with OpenAI's API. Its answers go on as they are when they are what they should be. */
record UpstreamTarget(Upstream upstream, UpstreamErrors errors) implements ChatTarget {

    UpstreamTarget(Upstream upstream) {
        this(upstream, new UpstreamErrors(upstream));
    }

    @Override
    public String url() {
        return upstream.baseUrl() + "/chat/completions";
    }

    @Override
    public Map<String, String> headers() {
        return UpstreamHeaders.of(upstream);
    }

    @Override
    public Duration timeout() {
        return upstream.timeout();
    }

    @Override
    public int retries() {
        return upstream.retries();
    }

    @Override
    public Future<Buffer> body(ChatRequest request) {
        return DocumentedFields.firstOther(
                        request.json(), field -> upstream.extraFields().has(field))
                .map(field -> Future.<Buffer>failedFuture(unknown(ApiError.quoted(field))))
                .orElseGet(() -> Future.succeededFuture(request.body()));
    }

    /** A field that is dropped changes the answer without a word; OpenAI refuses it, too. */
    private ApiError unknown(String field) {
        return ApiError.badRequest(
                "Unknown parameter: '" + field + "'. The upstream '" + upstream.name()
                        + "' gets OpenAI's fields, and those that extra_fields of its entry in the gateway's"
                        + " configuration names.",
                field,
                "unknown_parameter");
    }

    @Override
    public ReadStream<Buffer> events(ChatRequest request, ReadStream<Buffer> sent) {
        if (!request.isStreamed()) {
            throw errors.invalid("a stream that nobody asked for");
        }
        String key = upstream.apiKey();
        if (request.isRenamed()) {
            return new EventLines(sent, new RenamedLines(new ModelName(request.asked()), key));
        }
        return key == null ? sent : new EventLines(sent, new RenamedLines(null, key));
    }

    @Override
    public Future<ChatReply> reply(ChatRequest request, WholeAnswer answer) {
        if (answer.status() != 200) {
            return Future.succeededFuture(ChatReply.error(errors.of(answer.status(), answer.json(), answer.body())));
        }
        JsonNode json = answer.json();
        if (!answer.contentType().equals("application/json")) {
            throw errors.invalid(
                    answer.contentType().isEmpty() ? "no content type" : "content of type " + answer.contentType());
        }
        if (json.hasNonNull("error")) {
            throw errors.insteadOfAnswer(json.path("error"));
        }
        if (!json.path("choices").isArray()) {
            throw errors.invalid(json.isMissingNode() ? "something that is no JSON" : "JSON that is no completion");
        }
        if (request.isStreamed()) {
            throw errors.invalid("a whole completion although a stream was asked for");
        }
        Buffer body = errors.scrubber().withoutKey(answer.body());
        return Future.succeededFuture(
                ChatReply.completion(request.isRenamed() ? new ModelName(request.asked()).in(body) : body));
    }

    /** Passes on when to come again and how much is left, because SDKs act upon it. */
    @Override
    public Map<String, String> passedOn(MultiMap headers) {
        Map<String, String> limits = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (lower.startsWith("x-ratelimit-") || lower.startsWith("retry-after") || lower.equals("x-should-retry")) {
                limits.put(lower, errors.scrubber().scrub(value));
            }
        });
        return limits;
    }

    @Override
    public ApiError unreachable(Throwable failure) {
        return errors.unreachable(failure);
    }

    @Override
    public ApiError broken() {
        return errors.broken();
    }

    @Override
    public ApiError late() {
        return errors.late();
    }

    @Override
    public ApiError tooLong(int limit) {
        return errors.invalid("more than " + limit + " bytes");
    }

    @Override
    public String toString() {
        return upstream.toString();
    }
}

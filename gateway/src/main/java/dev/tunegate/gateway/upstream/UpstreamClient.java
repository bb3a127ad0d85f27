package dev.tunegate.gateway.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.upstream.MultipartFile.DamagedFile;
import dev.tunegate.gateway.upstream.UpstreamProblem.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an upstream: never for longer than its timeout, never following it elsewhere, never reading more than fits. Fails
 * with {@link UpstreamProblem} and nothing else.
 */
public final class UpstreamClient {
    private static final Logger log = LoggerFactory.getLogger(UpstreamClient.class);
    private static final int CONNECT_TIMEOUT_MS = 5_000;

    private final Upstream upstream;
    private final UpstreamErrors errors;
    private final HttpClient client;

    public UpstreamClient(Vertx vertx, Upstream upstream) {
        this.upstream = upstream;
        this.errors = new UpstreamErrors(upstream);
        this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS));
    }

    public Upstream upstream() {
        return upstream;
    }

    public Scrubber scrubber() {
        return errors.scrubber();
    }

    /**
     * Reads something.
     *
     * @param path below the base URL, with its query
     */
    public Future<JsonNode> get(String path) {
        return json(HttpMethod.GET, path, HttpClientRequest::send);
    }

    public Future<JsonNode> delete(String path) {
        return json(HttpMethod.DELETE, path, HttpClientRequest::send);
    }

    /** Gives an order without a body. */
    public Future<JsonNode> post(String path) {
        return json(HttpMethod.POST, path, HttpClientRequest::send);
    }

    public Future<JsonNode> post(String path, JsonNode body, Map<String, String> headers) {
        return json(HttpMethod.POST, path, request -> {
            headers.forEach(request::putHeader);
            return request.putHeader("content-type", "application/json").send(Json.bytes(body));
        });
    }

    /**
     * Uploads a file.
     *
     * @param sha256 what the bytes must have; others are not uploaded to their end
     */
    public Future<JsonNode> upload(String path, String filename, String sha256, BlobStore.Content content) {
        return json(HttpMethod.POST, path, request -> MultipartFile.send(request, filename, sha256, content));
    }

    /** Downloads the bytes of a file. */
    public Future<Buffer> content(String path) {
        return ask(HttpMethod.GET, path, HttpClientRequest::send).map(WholeAnswer::body);
    }

    public Future<Void> close() {
        return client.close();
    }

    /** The problem of an upstream whose answer makes no sense. */
    public UpstreamProblem nonsense(String what) {
        return new UpstreamProblem(Kind.NONSENSE, errors.invalid(what));
    }

    private Future<JsonNode> json(
            HttpMethod method, String path, Function<HttpClientRequest, Future<HttpClientResponse>> send) {
        return ask(method, path, send).map(answer -> {
            JsonNode json = answer.json();
            if (!json.isObject()) {
                throw nonsense("something that is no JSON object");
            }
            if (json.path("error").isObject() && !json.has("id")) {
                throw new UpstreamProblem(Kind.NONSENSE, errors.insteadOfAnswer(json.path("error")));
            }
            return json;
        });
    }

    private Future<WholeAnswer> ask(
            HttpMethod method, String path, Function<HttpClientRequest, Future<HttpClientResponse>> send) {
        return client.request(new RequestOptions()
                        .setMethod(method)
                        .setAbsoluteURI(upstream.baseUrl() + path)
                        .setConnectTimeout(upstream.timeout().toMillis())
                        .setFollowRedirects(false))
                .recover(failure -> Future.failedFuture(new UpstreamProblem(Kind.LATER, errors.unreachable(failure))))
                .compose(request -> send.apply(withHeaders(request))
                        .compose(response -> WholeAnswer.read(
                                response, WholeAnswer.LONGEST, limit -> nonsense("more than " + limit + " bytes")))
                        .timeout(upstream.timeout().toMillis(), TimeUnit.MILLISECONDS)
                        .onFailure(failure -> request.reset()))
                .map(this::requireGood)
                .recover(failure -> Future.failedFuture(problem(method + " " + path, failure)));
    }

    private HttpClientRequest withHeaders(HttpClientRequest request) {
        UpstreamHeaders.of(upstream).forEach(request::putHeader);
        return request;
    }

    private WholeAnswer requireGood(WholeAnswer answer) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return answer;
        }
        JsonNode json = answer.json();
        throw new UpstreamProblem(
                kind(status, json), errors.of(status, json, answer.body()), RetryAfter.of(answer.headers()));
    }

    private static Kind kind(int status, JsonNode json) {
        if (status >= 500 || status == 408 || status == 409 || status == 425 || status == 429) {
            return Kind.LATER;
        }
        if (status == 401 || status == 403) {
            return Kind.KEY_REFUSED;
        }
        return status >= 400 && json.path("error").isObject() ? Kind.REFUSED : Kind.NONSENSE;
    }

    private UpstreamProblem problem(String what, Throwable failure) {
        if (failure instanceof UpstreamProblem known) {
            return known;
        }
        if (failure instanceof DamagedFile) {
            return new UpstreamProblem(
                    Kind.REFUSED, ApiError.badRequest(DamagedFile.MESSAGE, "training_file", "damaged_file"));
        }
        log.debug("{} at {} failed", what, upstream, failure);
        return new UpstreamProblem(Kind.LATER, failure instanceof TimeoutException ? errors.late() : errors.broken());
    }
}

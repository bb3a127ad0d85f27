package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.upstream.Scrubber;
import dev.tunegate.gateway.upstream.WholeAnswer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.ConnectException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls an engine: never for longer than a limit, never following it elsewhere, never reading more than fits. */
final class EngineClient {
    private static final Logger LOG = LoggerFactory.getLogger(EngineClient.class);
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final int CONNECT_TIMEOUT_MS = 3_000;
    private static final int LONGEST_BODY = 8 * 1024 * 1024;

    private final Vertx vertx;
    private final HttpClient client;
    private final EngineConfig config;
    private final Scrubber scrubber;

    EngineClient(Vertx vertx, EngineConfig config) {
        this.vertx = vertx;
        this.config = config;
        this.scrubber = new Scrubber(config.apiKey());
        this.client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS));
    }

    /** Asks for something that the engine knows at once. */
    Future<EngineReply> get(String path) {
        return exchange(HttpMethod.GET, path, LOOK, HttpClientRequest::send);
    }

    Future<EngineReply> head(String path) {
        return exchange(HttpMethod.HEAD, path, LOOK, HttpClientRequest::send);
    }

    /** Has the engine do something that may take as long as a load. */
    Future<EngineReply> send(HttpMethod method, String path, Object json) {
        return exchange(
                method,
                path,
                config.loadTimeout(),
                request -> request.putHeader("content-type", "application/json").send(Json.bytes(json)));
    }

    Future<EngineReply> upload(String path, Path file) {
        return vertx.fileSystem()
                .open(file.toString(), new OpenOptions().setWrite(false).setCreate(false))
                .compose(opened -> opened.size()
                        .compose(size -> exchange(
                                HttpMethod.POST,
                                path,
                                config.loadTimeout(),
                                request -> request.putHeader("content-type", "application/octet-stream")
                                        .putHeader("content-length", Long.toString(size))
                                        .send(opened)))
                        .eventually(opened::close));
    }

    Future<Void> close() {
        return client.close();
    }

    private Future<EngineReply> exchange(
            HttpMethod method,
            String path,
            Duration limit,
            Function<HttpClientRequest, Future<HttpClientResponse>> send) {
        return client.request(new RequestOptions().setMethod(method).setAbsoluteURI(config.baseUrl() + path))
                .compose(request -> send.apply(authorized(request))
                        .compose(EngineClient::read)
                        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                        .onFailure(failure -> request.reset()))
                .map(this::withoutKey)
                .recover(failure -> Future.failedFuture(problem(method + " " + path, limit, failure)));
    }

    private HttpClientRequest authorized(HttpClientRequest request) {
        String key = config.apiKey();
        return key == null ? request : request.putHeader("authorization", "Bearer " + key);
    }

    private static Future<EngineReply> read(HttpClientResponse response) {
        return WholeAnswer.read(
                        response,
                        LONGEST_BODY,
                        limit -> EngineProblem.lasting("the answer had more than " + limit + " bytes"))
                .map(EngineReply::new);
    }

    /** Takes our key out of a refusal: servers repeat keys in their errors. */
    private EngineReply withoutKey(EngineReply reply) {
        return reply.isOk() ? reply : new EngineReply(reply.answer().withBody(scrubber::withoutKey));
    }

    private EngineProblem problem(String what, Duration limit, Throwable failure) {
        if (failure instanceof EngineProblem known) {
            return known;
        }
        LOG.debug("{} at {} failed", what, config.baseUrl(), failure);
        if (failure instanceof ConnectException) {
            return EngineProblem.passing("it takes no connections (is it running?)");
        }
        return EngineProblem.passing(
                failure instanceof TimeoutException
                        ? what + " was not answered within " + limit.toSeconds() + " s"
                        : what + " was not answered: the connection broke");
    }
}

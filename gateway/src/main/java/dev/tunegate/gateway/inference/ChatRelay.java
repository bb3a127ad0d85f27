package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.api.ApiError;
import dev.tunegate.gateway.api.Json;
import dev.tunegate.gateway.backend.InferenceServers.InferenceServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.streams.Pipe;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes a chat request on to an inference server, and its answer back byte by byte, as fast as the client reads. A
 * client that leaves ends the server's work.
 */
public final class ChatRelay {
    private static final Logger log = LoggerFactory.getLogger(ChatRelay.class);
    private static final int CONNECT_TIMEOUT_MS = 3_000;
    /** A long answer that is not streamed keeps the connection silent for as long as it takes. */
    private static final int SILENCE_TIMEOUT_SECONDS = 600;

    private static final int CONNECTIONS_PER_SERVER = 256;
    private static final String EVENT_STREAM = "text/event-stream";

    private final Vertx vertx;
    private final HttpClient client;

    public ChatRelay(Vertx vertx) {
        this.vertx = vertx;
        this.client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setConnectTimeout(CONNECT_TIMEOUT_MS)
                        .setIdleTimeout(SILENCE_TIMEOUT_SECONDS)
                        .setIdleTimeoutUnit(TimeUnit.SECONDS)
                        .setTcpKeepAlive(true),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_SERVER));
    }

    /** Answers from the first of the servers that takes the connection. */
    public Future<Void> relay(List<InferenceServer> servers, Buffer body, HttpServerResponse response) {
        InferenceServer server = servers.get(0);
        return connect(server)
                .compose(
                        request -> exchange(request, server, body, response),
                        failure -> tryNext(servers, failure, body, response));
    }

    private Future<Void> tryNext(
            List<InferenceServer> servers, Throwable failure, Buffer body, HttpServerResponse response) {
        log.warn("Worker {} does not take connections: {}", servers.get(0).workerId(), failure.toString());
        return servers.size() > 1
                ? relay(servers.subList(1, servers.size()), body, response)
                : Future.failedFuture(workerGone());
    }

    private Future<HttpClientRequest> connect(InferenceServer server) {
        return client.request(new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(server.url() + "/v1/chat/completions")
                .setConnectTimeout(CONNECT_TIMEOUT_MS));
    }

    private Future<Void> exchange(
            HttpClientRequest request, InferenceServer server, Buffer body, HttpServerResponse response) {
        if (response.closed()) {
            return request.reset().mapEmpty();
        }
        response.closeHandler(gone -> request.reset());
        request.putHeader("content-type", "application/json");
        if (server.token() != null) {
            request.putHeader("authorization", "Bearer " + server.token());
        }
        return request.send(body)
                .transform(sent -> sent.succeeded()
                        ? passBack(sent.result(), server, response)
                        : broken(server, response, sent.cause()));
    }

    private Future<Void> passBack(HttpClientResponse answer, InferenceServer server, HttpServerResponse response) {
        if (answer.statusCode() == 401 || answer.statusCode() == 403) {
            log.warn("Worker {} refuses the token that it gave", server.workerId());
            answer.resume();
            return Future.failedFuture(workerGone());
        }
        String contentType = answer.getHeader("content-type");
        boolean events = contentType != null && contentType.startsWith(EVENT_STREAM);
        response.setStatusCode(answer.statusCode());
        response.putHeader("content-type", contentType == null ? "application/json" : contentType);
        String length = answer.getHeader("content-length");
        if (length != null) {
            response.putHeader("content-length", length);
        } else {
            response.setChunked(true);
        }
        if (events) {
            response.putHeader("cache-control", "no-cache").putHeader("x-accel-buffering", "no");
        }
        Pipe<Buffer> pipe = answer.pipe().endOnFailure(false);
        response.closeHandler(gone -> {
            pipe.close(); // else it would go on writing what has already come in
            answer.request().reset();
        });
        return pipe.to(response)
                .recover(failure -> events ? endWithError(response) : broken(server, response, failure));
    }

    /** The status has gone out as 200; SDKs raise an error for an event that carries one. */
    private Future<Void> endWithError(HttpServerResponse response) {
        Buffer error = Json.bytes(Map.of("error", workerGone().body()));
        Buffer event = Buffer.buffer("data: ").appendBuffer(error).appendString("\n\n");
        // Later, because a client that has left fails a write in the middle of the pipe's work, before it counts as
        // gone.
        return vertx.timer(1, TimeUnit.MILLISECONDS)
                .compose(later -> response.closed() ? Future.succeededFuture() : response.end(event));
    }

    /** A client that has left has broken it off itself. */
    private static Future<Void> broken(InferenceServer server, HttpServerResponse response, Throwable cause) {
        return response.closed() ? Future.succeededFuture() : Future.failedFuture(gone(server, cause));
    }

    private static ApiError gone(InferenceServer server, Throwable cause) {
        log.warn("Worker {} did not answer: {}", server.workerId(), cause.toString());
        return workerGone();
    }

    private static ApiError workerGone() {
        return ApiError.unavailable("The worker that was to answer is gone. Try again shortly.", "worker_unavailable");
    }
}

package dev.tunegate.gateway.http;

import static dev.tunegate.gateway.db.Await.await;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.WriteStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server without a gateway behind it, whose limits are short enough to be waited for. Its keys are its projects' names,
 * and no one else has any.
 */
final class LimitedServer implements AutoCloseable {
    static final Duration HEAD = Duration.ofMillis(800);
    static final Duration SILENCE = Duration.ofMillis(1500);
    static final Duration BODY = Duration.ofMillis(2500);
    static final Duration DRAIN = Duration.ofMillis(200);
    static final int MEMORY = 4 * 1024 * 1024;
    static final int LARGEST_BODY = 2 * 1024 * 1024;
    static final int CONNECTIONS = 12;
    static final int STRANGERS = 8;

    private final Vertx vertx = Vertx.vertx();
    private final ApiServer server;
    private final HttpServer listening;
    /** What /held waits for. */
    private final Promise<String> held = Promise.promise();

    LimitedServer() {
        server = new ApiServer(
                vertx,
                List.of(
                        endpoint("health", HttpMethod.GET, Endpoint.Access.EVERYONE, Endpoint.RequestContent.NONE),
                        endpoint("private", HttpMethod.GET, Endpoint.Access.API_KEY, Endpoint.RequestContent.NONE),
                        endpoint("none", HttpMethod.POST, Endpoint.Access.API_KEY, Endpoint.RequestContent.NONE),
                        endpoint("json", HttpMethod.POST, Endpoint.Access.API_KEY, Endpoint.RequestContent.JSON),
                        endpoint("held", HttpMethod.POST, Endpoint.Access.API_KEY, Endpoint.RequestContent.JSON),
                        endpoint("stream", HttpMethod.POST, Endpoint.Access.API_KEY, Endpoint.RequestContent.STREAM)),
                List.of(() -> Map.of(
                        "health", ctx -> Future.succeededFuture(Map.of("status", "ok")),
                        "private", ctx -> Future.succeededFuture(Map.of("status", "private")),
                        "none", ctx -> Future.succeededFuture(Map.of("status", "none")),
                        "json",
                                ctx -> Future.succeededFuture(
                                        Map.of("members", Json.body(ctx).size())),
                        "held", ctx -> held.future(),
                        "stream",
                                ctx -> BodyStream.of(ctx)
                                        .pipeTo(new NullStream())
                                        .map(end -> "streamed"))),
                new KeysAreProjects(),
                new ServerLimits(HEAD, SILENCE, BODY, DRAIN, MEMORY, CONNECTIONS, STRANGERS));
        listening = await(server.listen("127.0.0.1", 0));
    }

    int port() {
        return listening.actualPort();
    }

    /** The bytes of requests that it holds in memory. */
    long bytesHeld() {
        return server.bytesHeld();
    }

    /** Lets all that /held was asked for be answered. */
    void answerHeld() {
        held.tryComplete("held");
    }

    @Override
    public void close() {
        answerHeld();
        await(vertx.close());
    }

    private static Endpoint endpoint(
            String name, HttpMethod method, Endpoint.Access access, Endpoint.RequestContent content) {
        return new Endpoint(name, method, PathTemplate.of("/" + name), access, content, LARGEST_BODY);
    }

    private static final class KeysAreProjects implements Authenticator {
        @Override
        public Future<Caller> caller(HttpServerRequest request) {
            String key = request.getHeader("authorization");
            return key == null
                    ? Future.failedFuture(ApiError.missingKey())
                    : Future.succeededFuture(new Caller(key.substring("Bearer ".length()), null));
        }

        @Override
        public Future<Caller> worker(HttpServerRequest request) {
            return Future.failedFuture(ApiError.missingKey());
        }

        @Override
        public Future<List<String>> revoked(List<String> keyIds) {
            return Future.succeededFuture(List.of());
        }
    }

    /** Takes everything at once. */
    private static final class NullStream implements WriteStream<Buffer> {
        @Override
        public NullStream exceptionHandler(@Nullable Handler<Throwable> handler) {
            return this;
        }

        @Override
        public Future<Void> write(Buffer data) {
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> end() {
            return Future.succeededFuture();
        }

        @Override
        public NullStream setWriteQueueMaxSize(int maxSize) {
            return this;
        }

        @Override
        public boolean writeQueueFull() {
            return false;
        }

        @Override
        public NullStream drainHandler(@Nullable Handler<Void> handler) {
            return this;
        }
    }
}

package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.models.InferenceServers.InferenceServer;
import dev.tunegate.gateway.upstream.WholeAnswer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A worker's inference server. Its answers are ours already. However long it takes over one, it lets something be heard every
 * few seconds.
 */
record WorkerTarget(InferenceServer server, Duration silence) implements ChatTarget {
    /** A worker works for as long as its client waits. */
    private static final Duration TIMEOUT = Duration.ofHours(12);
    /** A worker that is silent for so long is gone or frozen, or the way to it is cut. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    WorkerTarget(InferenceServer server) {
        this(server, SILENCE);
    }

    @Override
    public String url() {
        return server.url() + "/v1/chat/completions";
    }

    @Override
    public Map<String, String> headers() {
        String token = server.token();
        return token == null ? Map.of() : Map.of("authorization", "Bearer " + token);
    }

    @Override
    public Duration timeout() {
        return TIMEOUT;
    }

    /** None: another worker is asked, or else the client is to come again. */
    @Override
    public int retries() {
        return 0;
    }

    @Override
    public Future<Buffer> body(ChatRequest request) {
        return Future.succeededFuture(request.body());
    }

    @Override
    public ReadStream<Buffer> events(ChatRequest request, ReadStream<Buffer> sent) {
        ModelName name = request.isRenamed() ? new ModelName(request.asked()) : null;
        return new EventLines(sent, new WorkerLines(new RenamedLines(name, null)));
    }

    @Override
    public Future<ChatReply> reply(ChatRequest request, WholeAnswer answer) {
        if (answer.status() == 401 || answer.status() == 403) { // the worker has been started anew, with another token
            return Future.failedFuture(broken());
        }
        Optional<ApiError> error =
                answer.status() == 503 ? LateError.of(503, answer.json().path("error")) : LateError.in(answer.body());
        if (error.isPresent()) {
            return Future.failedFuture(error.get());
        }
        Buffer body = request.isRenamed() ? new ModelName(request.asked()).in(answer.body()) : answer.body();
        return Future.succeededFuture(new ChatReply(answer.status(), body));
    }

    @Override
    public Map<String, String> passedOn(MultiMap headers) {
        return Map.of();
    }

    @Override
    public ApiError unreachable(Throwable failure) {
        return broken();
    }

    @Override
    public ApiError broken() {
        return ApiError.unavailable("The worker that was to answer is gone. Try again shortly.", "worker_unavailable");
    }

    @Override
    public ApiError late() {
        return ApiError.unavailable(
                "The worker that was to answer has fallen silent. Try again shortly.", "worker_unavailable");
    }

    @Override
    public ApiError tooLong(int limit) {
        return broken();
    }

    @Override
    public String toString() {
        return "worker " + server.workerId();
    }
}

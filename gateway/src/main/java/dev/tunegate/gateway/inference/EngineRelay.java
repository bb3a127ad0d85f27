package dev.tunegate.gateway.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.api.ApiError;
import dev.tunegate.gateway.api.Json;
import dev.tunegate.gateway.serving.Servings.ServedModel;
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
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has an engine answer a chat request, and passes its answer on under the name that was asked for: whole, or event by
 * event as fast as the client reads. A client that leaves ends the engine's work.
 */
public final class EngineRelay {
    private static final Logger LOG = LoggerFactory.getLogger(EngineRelay.class);
    private static final int CONNECT_TIMEOUT_MS = 3_000;
    private static final int CONNECTIONS_PER_ENGINE = 256;
    private static final String EVENT_STREAM = "text/event-stream";

    private final Vertx vertx;
    private final HttpClient client;

    public EngineRelay(Vertx vertx) {
        this.vertx = vertx;
        this.client = vertx.createHttpClient(
                new HttpClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS).setTcpKeepAlive(true),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS_PER_ENGINE));
    }

    /**
     * Answers with a model.
     *
     * @param name that the answer is to have
     */
    public Future<Void> relay(ServedModel model, ObjectNode request, String name, HttpServerResponse response) {
        return model.address(request)
                .compose(addressed -> client.request(new RequestOptions()
                                .setMethod(HttpMethod.POST)
                                .setAbsoluteURI(model.serving().baseUrl() + "/v1/chat/completions")
                                .setConnectTimeout(CONNECT_TIMEOUT_MS))
                        .compose(
                                call -> new Exchange(model, name, call, response).run(Json.bytes(addressed)),
                                failure -> Future.failedFuture(away(model, failure))));
    }

    private static ApiError away(ServedModel model, Throwable failure) {
        LOG.warn("{} takes no connections: {}", model.serving(), failure.toString());
        return ApiError.unavailable(
                model.engine() + ", which answers with this model, takes no connections. Try again shortly.",
                "engine_unavailable");
    }

    /** One request and its answer. */
    private final class Exchange {
        private final ServedModel model;
        private final String name;
        private final HttpClientRequest call;
        private final HttpServerResponse response;
        private volatile boolean isOverdue;

        private Exchange(ServedModel model, String name, HttpClientRequest call, HttpServerResponse response) {
            this.model = model;
            this.name = name;
            this.call = call;
            this.response = response;
        }

        private Future<Void> run(Buffer body) {
            if (response.closed()) {
                return call.reset().mapEmpty();
            }
            response.closeHandler(gone -> call.reset());
            call.putHeader("content-type", "application/json");
            String key = model.serving().apiKey();
            if (key != null) {
                call.putHeader("authorization", "Bearer " + key);
            }
            long timer = vertx.setTimer(model.serving().timeout().toMillis(), id -> {
                isOverdue = true;
                call.reset();
            });
            return call.send(body)
                    .compose(this::passBack)
                    .recover(this::broken)
                    .onComplete(done -> vertx.cancelTimer(timer));
        }

        private Future<Void> passBack(HttpClientResponse answer) {
            String contentType = Objects.requireNonNullElse(answer.getHeader("content-type"), "");
            return answer.statusCode() == 200 && contentType.startsWith(EVENT_STREAM)
                    ? passEvents(answer)
                    : EngineAnswer.read(answer).compose(body -> {
                        EngineAnswer whole = new EngineAnswer(model, name, answer.statusCode(), body);
                        return whole.isLost()
                                ? model.doubt().transform(noted -> Future.failedFuture(model.lost()))
                                : response.putHeader("content-type", "application/json")
                                        .end(Json.bytes(whole.completion()));
                    });
        }

        private Future<Void> passEvents(HttpClientResponse answer) {
            response.setChunked(true)
                    .putHeader("content-type", EVENT_STREAM)
                    .putHeader("cache-control", "no-cache")
                    .putHeader("x-accel-buffering", "no");
            Pipe<Buffer> pipe = new RenamedEvents(
                            answer, new ModelName(name), model.serving().apiKey())
                    .pipe()
                    .endOnFailure(false);
            response.closeHandler(gone -> {
                pipe.close(); // else it would go on writing what has already come in
                call.reset();
            });
            return pipe.to(response);
        }

        /** A client that has left has broken it off itself. Once events are under way, the last one says what is wrong. */
        private Future<Void> broken(Throwable failure) {
            if (response.closed()) {
                return Future.succeededFuture();
            }
            ApiError error = error(failure);
            if (!response.headWritten()) {
                return Future.failedFuture(error);
            }
            call.reset();
            Buffer event = Buffer.buffer("data: ")
                    .appendBuffer(Json.bytes(Map.of("error", error.body())))
                    .appendString("\n\n");
            // Later, because a client that has left fails a write before it counts as gone.
            return vertx.timer(1, TimeUnit.MILLISECONDS)
                    .compose(later -> response.closed() ? Future.succeededFuture() : response.end(event));
        }

        private ApiError error(Throwable failure) {
            if (failure instanceof ApiError known) {
                return known;
            }
            LOG.warn("{} did not answer: {}", model.serving(), failure.toString());
            long seconds = model.serving().timeout().toSeconds();
            return isOverdue
                    ? new ApiError(
                            504,
                            model.engine() + " did not answer within " + seconds + " s.",
                            "server_error",
                            null,
                            "engine_timeout")
                    : ApiError.unavailable(
                            model.engine() + " broke off its answer. Try again shortly.", "engine_unavailable");
        }
    }
}

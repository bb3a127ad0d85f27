package dev.tunegate.gateway.serving;

import static dev.tunegate.gateway.Listening.listening;
import static dev.tunegate.gateway.db.Await.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the stubs of engines have in common: a real HTTP server that stops and starts again on its port. */
abstract class EngineStub implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private int port;
    private @Nullable HttpServer server;
    private volatile Consumer<HttpServerRequest> misbehaviour = request -> {};
    private volatile String misbehavesAt = "nowhere";
    private volatile @Nullable String key;

    EngineStub() {
        start();
    }

    Vertx vertx() {
        return vertx;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** All that came in, as METHOD path. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    long count(String request) {
        return requests.stream().filter(request::equals).count();
    }

    void requireKey(String required) {
        key = required;
    }

    /** From now on every request gets this instead of an answer. */
    void misbehave(Consumer<HttpServerRequest> answer) {
        misbehaveAt("/", answer);
    }

    /** The same for requests whose path begins so. */
    void misbehaveAt(String path, Consumer<HttpServerRequest> answer) {
        misbehaviour = answer;
        misbehavesAt = path;
    }

    void behave() {
        misbehavesAt = "nowhere";
    }

    final void start() {
        server = listening(
                vertx,
                () -> vertx.createHttpServer().requestHandler(this::handle).listen(port, "127.0.0.1"));
        port = server.actualPort();
    }

    /** As when the process ends: what it had in memory is gone. */
    void stop() {
        if (server != null) {
            await(server.shutdown(0, TimeUnit.SECONDS));
            server = null;
        }
        forget();
    }

    void restart() {
        stop();
        start();
    }

    abstract void forget();

    abstract void answer(HttpServerRequest request, Buffer body) throws IOException;

    private void handle(HttpServerRequest request) {
        requests.add(request.method() + " " + request.path());
        if (path(request).startsWith(misbehavesAt)) {
            misbehaviour.accept(request);
        } else if (key != null && !("Bearer " + key).equals(request.getHeader("authorization"))) {
            json(
                    request,
                    401,
                    JSON.createObjectNode().put("error", "Unauthorized: " + request.getHeader("authorization")));
        } else {
            request.body().onSuccess(body -> {
                try {
                    answer(request, body);
                } catch (IOException e) {
                    json(request, 500, JSON.createObjectNode().put("error", e.toString()));
                }
            });
        }
    }

    static String path(HttpServerRequest request) {
        return String.valueOf(request.path());
    }

    static void json(HttpServerRequest request, int status, JsonNode body) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.toString());
    }

    /** An answer in OpenAI's shape; as a stream if that was asked for. */
    static void complete(HttpServerRequest request, JsonNode asked, String model, String content) {
        if (asked.path("stream").asBoolean()) {
            request.response().setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
            request.response()
                    .write(event(
                            model,
                            JSON.createObjectNode().put("role", "assistant").put("content", "")));
            request.response().write(event(model, JSON.createObjectNode().put("content", content)));
            request.response().end("data: [DONE]\n\n");
            return;
        }
        ObjectNode completion = JSON.createObjectNode()
                .put("id", "chatcmpl-stub")
                .put("object", "chat.completion")
                .put("created", 1)
                .put("model", model);
        ObjectNode choice = completion.putArray("choices").addObject().put("index", 0);
        choice.putObject("message")
                .put("role", "assistant")
                .put("content", content)
                .putNull("refusal");
        choice.putNull("logprobs").put("finish_reason", "length");
        completion
                .putObject("usage")
                .put("prompt_tokens", 1)
                .put("completion_tokens", 1)
                .put("total_tokens", 2);
        json(request, 200, completion);
    }

    private static String event(String model, ObjectNode delta) {
        ObjectNode chunk = JSON.createObjectNode()
                .put("id", "chatcmpl-stub")
                .put("object", "chat.completion.chunk")
                .put("created", 1)
                .put("model", model);
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.putNull("logprobs").putNull("finish_reason");
        return "data: " + chunk + "\n\n";
    }

    @Override
    public void close() {
        stop();
        await(vertx.close());
    }
}

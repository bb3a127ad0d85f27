package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.Listening.listening;
import static dev.tunegate.gateway.db.Await.await;

import dev.tunegate.gateway.config.ExtraFields;
import dev.tunegate.gateway.config.Glob;
import dev.tunegate.gateway.config.Purpose;
import dev.tunegate.gateway.config.Upstream;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A stub of a host with OpenAI's chat: what it answers, well or badly, a test says. */
final class UpstreamStub implements AutoCloseable {
    static final String KEY = "sk-ours-0123456789abcdef";
    static final String COMPLETION = "{\"id\":\"chatcmpl-9\", \"object\":\"chat.completion\",\"created\":1,"
            + "\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
            + "\"content\":\"hé\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2},\"x_new\":1.50}";
    static final String CHUNK = "data: {\"id\":\"chatcmpl-9\",\"object\":\"chat.completion.chunk\",\"created\":1,"
            + "\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
            + "\"content\":\"hé\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
    static final String DONE = "data: [DONE]\n\n";

    /** What came in. */
    record Received(String path, String authorization, String organization, String body) {}

    private final Vertx vertx = Vertx.vertx();
    private final List<Received> received = new CopyOnWriteArrayList<>();
    private volatile Consumer<HttpServerRequest> answer =
            request -> json(request, 200).end(COMPLETION);
    private HttpServer server;

    UpstreamStub() {
        server = listen(0);
    }

    private HttpServer listen(int port) {
        return listening(
                vertx,
                () -> vertx.createHttpServer()
                        .requestHandler(request -> request.body().onSuccess(body -> {
                            received.add(new Received(
                                    String.valueOf(request.path()),
                                    String.valueOf(request.getHeader("authorization")),
                                    String.valueOf(request.getHeader("openai-organization")),
                                    body.toString()));
                            answer.accept(request);
                        }))
                        .listen(port, "127.0.0.1"));
    }

    Vertx vertx() {
        return vertx;
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort();
    }

    List<Received> received() {
        return received;
    }

    void answer(Consumer<HttpServerRequest> newAnswer) {
        answer = newAnswer;
    }

    void stop() {
        await(server.shutdown(0, TimeUnit.SECONDS));
    }

    void startAgain() {
        server = listen(server.actualPort());
    }

    /** The entry for it in a configuration. */
    Upstream entry(Duration timeout, int retries, String... globs) {
        return new Upstream(
                "stub",
                URI.create(url() + "/v1"),
                KEY,
                Arrays.stream(globs).map(Glob::new).toList(),
                EnumSet.allOf(Purpose.class),
                "org-ours",
                null,
                timeout,
                retries,
                new ExtraFields(Set.of("x")));
    }

    static HttpServerResponse json(HttpServerRequest request, int status) {
        return request.response().setStatusCode(status).putHeader("content-type", "application/json");
    }

    static HttpServerResponse events(HttpServerRequest request) {
        return request.response().setChunked(true).putHeader("content-type", "text/event-stream; charset=utf-8");
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}

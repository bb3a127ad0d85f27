package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.models.InferenceServers.InferenceServer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that freeze, and workers that are only slow: the first are passed over, the others are waited for. */
@Timeout(30)
class SilentWorkerTest {
    private static final Duration SILENCE = Duration.ofMillis(300);
    private static final Duration SILENCE_OF_SLOW_ONES = Duration.ofMillis(1200);
    private static final String COMPLETION = "{\"choices\":[]}";

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<ChatTarget> workers = new ArrayList<>();
    private HttpServer front;

    @BeforeEach
    void start() {
        ChatRelay relay = new ChatRelay(vertx);
        front = await(vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> answer(relay, request, body)))
                .listen(0, "127.0.0.1"));
    }

    private void answer(ChatRelay relay, HttpServerRequest request, Buffer body) {
        ObjectNode json;
        try {
            json = (ObjectNode) Json.MAPPER.readTree(body.getBytes());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        HttpServerResponse response = request.response();
        ChatRequest.of(vertx, json, false, body, "base")
                .compose(chat -> relay.relay(workers, chat, new ChatAnswer(vertx, response, ChatTap.NONE)))
                .onFailure(failure -> {
                    ApiError error = (ApiError) failure;
                    response.setStatusCode(error.status())
                            .putHeader("content-type", "application/json")
                            .end(Json.bytes(Map.of("error", error.body())));
                });
    }

    @AfterEach
    void stop() {
        await(vertx.close());
    }

    @Test
    void anotherWorkerIsAskedForOneThatIsFrozen() throws Exception {
        worker(SilentWorkerTest::frozen);
        worker(request -> json(request, COMPLETION));

        HttpResponse<String> answer = ask(false);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(COMPLETION);
    }

    @Test
    void whereThereIsNoOtherTheClientIsTold() throws Exception {
        worker(SilentWorkerTest::frozen);

        HttpResponse<String> answer = ask(true);

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("cache-control")).isEmpty();
        assertThat(answer.body())
                .contains("\"message\":\"The worker that was to answer has fallen silent. Try again shortly.\"")
                .contains("\"code\":\"worker_unavailable\"");
    }

    @Test
    void aWorkerThatFreezesBehindASignOfLifeMakesWayToo() throws Exception {
        worker(request -> events(request).write(":\n"));
        worker(request -> events(request).end("data: 1\n\ndata: [DONE]\n\n"));

        HttpResponse<String> answer = ask(true);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(answer.body()).isEqualTo("data: 1\n\ndata: [DONE]\n\n");
    }

    @Test
    void aWholeAnswerThatFreezesBehindABlankMakesWayToo() throws Exception {
        worker(request -> begin(request).write(" "));
        worker(request -> json(request, COMPLETION));

        assertThat(ask(false).body()).isEqualTo(COMPLETION);
    }

    @Test
    void aStreamThatFreezesBehindItsFirstEventEndsWithAnError() throws Exception {
        AtomicInteger others = new AtomicInteger();
        worker(request -> events(request).write("data: 1\n\n"));
        worker(request -> others.incrementAndGet());

        HttpResponse<String> answer = ask(true);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .startsWith(
                        "data: 1\n\ndata: {\"error\":{\"message\":\"The worker that was to answer has fallen silent.")
                .doesNotContain("[DONE]");
        assertThat(others).as("who would say it all again").hasValue(0);
    }

    @Test
    void aSlowStreamIsWaitedForAndItsSignsOfLifeAreNotPassedOn() throws Exception {
        worker(SILENCE_OF_SLOW_ONES, request -> {
            HttpServerResponse response = events(request);
            afterSignsOfLife(response, ":\n", () -> {
                response.write("data: 1\n\n");
                afterSignsOfLife(response, ":\n", () -> response.end("data: [DONE]\n\n"));
            });
        });

        HttpResponse<String> answer = ask(true);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("data: 1\n\ndata: [DONE]\n\n");
    }

    @Test
    void aSlowWholeAnswerIsWaitedFor() throws Exception {
        worker(SILENCE_OF_SLOW_ONES, request -> {
            HttpServerResponse response = begin(request);
            afterSignsOfLife(response, " ", () -> response.end(COMPLETION));
        });

        HttpResponse<String> answer = ask(false);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body().strip()).isEqualTo(COMPLETION);
    }

    @Test
    void anErrorThatCameBehindASignOfLifeHasItsStatusAllTheSame() throws Exception {
        String error = "{\"error\":{\"message\":\"too long\",\"type\":\"invalid_request_error\",\"param\":\"messages\","
                + "\"code\":\"context_length_exceeded\"},\"status\":400}";
        worker(request -> events(request).end(":\ndata: " + error + "\n\ndata: [DONE]\n\n"));
        HttpResponse<String> streamed = ask(true);
        workers.clear();
        worker(request -> begin(request).end("  " + error));
        HttpResponse<String> whole = ask(false);

        for (HttpResponse<String> answer : List.of(streamed, whole)) {
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).isEqualTo(error.replace(",\"status\":400", ""));
        }
    }

    @Test
    void aWorkerThatIsOverloadedMakesWayForAnother() throws Exception {
        String overloaded = "{\"error\":{\"message\":\"overloaded\",\"type\":\"server_error\",\"param\":null,"
                + "\"code\":null}%s}";
        worker(request -> request.response().setStatusCode(503).end(overloaded.formatted("")));
        worker(request -> begin(request).end(" " + overloaded.formatted(",\"status\":503")));
        worker(request -> json(request, COMPLETION));

        assertThat(ask(false).body()).isEqualTo(COMPLETION);
    }

    @Test
    void aRefusalIsNoReasonToAskAnother() throws Exception {
        AtomicInteger others = new AtomicInteger();
        worker(request -> request.response().setStatusCode(400).end("{\"error\":{\"message\":\"no\"}}"));
        worker(request -> others.incrementAndGet());

        assertThat(ask(false).statusCode()).isEqualTo(400);
        assertThat(others).hasValue(0);
    }

    /** A worker is heard now and then for longer than it may be silent. */
    private void afterSignsOfLife(HttpServerResponse response, String sign, Runnable then) {
        AtomicInteger signs = new AtomicInteger();
        vertx.setPeriodic(SILENCE_OF_SLOW_ONES.toMillis() / 20, timer -> {
            if (signs.incrementAndGet() <= 25) {
                response.write(sign);
            } else {
                vertx.cancelTimer(timer);
                then.run();
            }
        });
    }

    private static HttpServerResponse begin(HttpServerRequest request) {
        return request.response().setChunked(true).putHeader("content-type", "application/json");
    }

    private static HttpServerResponse events(HttpServerRequest request) {
        return request.response().setChunked(true).putHeader("content-type", "text/event-stream");
    }

    private static void json(HttpServerRequest request, String body) {
        request.response().putHeader("content-type", "application/json").end(body);
    }

    /** Takes a request, and does nothing more. */
    private static void frozen(HttpServerRequest request) {}

    private void worker(Consumer<HttpServerRequest> behaviour) {
        worker(SILENCE, behaviour);
    }

    private void worker(Duration silence, Consumer<HttpServerRequest> behaviour) {
        HttpServer server =
                await(vertx.createHttpServer().requestHandler(behaviour::accept).listen(0, "127.0.0.1"));
        InferenceServer place =
                new InferenceServer("w" + workers.size(), "http://127.0.0.1:" + server.actualPort(), "token");
        workers.add(new WorkerTarget(place, silence));
    }

    private HttpResponse<String> ask(boolean stream) throws IOException, InterruptedException {
        String body = "{\"model\":\"base\",\"messages\":[],\"stream\":" + stream + "}";
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + front.actualPort()))
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }
}

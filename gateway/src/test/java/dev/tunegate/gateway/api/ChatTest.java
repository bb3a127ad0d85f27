package dev.tunegate.gateway.api;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.TestGateway;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a chat request to a worker's inference server, played here by a server of the test's own. */
class ChatTest {
    private static final String REQUEST =
            "{\"model\":\"base\",  \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String COMPLETION = "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,"
            + "\"model\":\"base\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ho\","
            + "\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

    private final Vertx vertx = Vertx.vertx();
    private final AtomicReference<Consumer<HttpServerRequest>> inference = new AtomicReference<>(request -> {});
    private TestGateway gateway;
    private ApiClient client;
    private HttpServer server;

    @BeforeEach
    void start(@TempDir Path directory) {
        gateway = new TestGateway(directory);
        client = gateway.client();
        server = await(vertx.createHttpServer()
                .requestHandler(request -> inference.get().accept(request))
                .listen(0, "127.0.0.1"));
        worker("w1", "http://127.0.0.1:" + server.actualPort());
    }

    @AfterEach
    void stop() {
        gateway.close();
        await(vertx.close());
    }

    @Test
    void theRequestGoesOutAndTheAnswerComesBackUnchanged() {
        AtomicReference<String> received = new AtomicReference<>("");
        inference.set(request -> request.body().onSuccess(body -> {
            received.set(
                    request.method() + " " + request.path() + " " + request.getHeader("authorization") + " " + body);
            request.response().putHeader("content-type", "application/json").end(COMPLETION);
        }));
        Answer answer = client.post("/v1/chat/completions", REQUEST);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(COMPLETION);
        assertThat(answer.header("x-request-id")).startsWith("req_");
        assertThat(received.get()).isEqualTo("POST /v1/chat/completions Bearer secret-of-w1 " + REQUEST);
    }

    @Test
    void theWorkersErrorsArePassedOn() {
        String error =
                "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":null}}";
        inference.set(request -> request.response()
                .setStatusCode(400)
                .putHeader("content-type", "application/json")
                .end(error));
        Answer answer = client.post("/v1/chat/completions", REQUEST);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo(error);
    }

    @Test
    void aStreamArrivesEventByEvent() {
        AtomicReference<HttpServerResponse> response = new AtomicReference<>();
        inference.set(request -> response.set(events(request)));
        try (ChatSocket socket = ask()) {
            socket.readUntil("data: 1\n\n"); // the second event is sent only when the first has come through
            await(response.get().write("data: 2\n\n"));
            socket.readUntil("data: 2\n\n");
            await(response.get().end("data: [DONE]\n\n"));
            socket.readUntil("data: [DONE]\n\n\r\n0\r\n\r\n");
        }
    }

    @Test
    void aClientThatLeavesEndsTheWorkersWork() {
        AtomicInteger closed = new AtomicInteger();
        inference.set(request -> events(request).closeHandler(gone -> closed.incrementAndGet()));
        try (ChatSocket socket = ask()) {
            socket.readUntil("data: 1\n\n");
        }
        Eventually.is(closed::get, 1);
    }

    @Test
    void aClientThatLeavesBeforeTheAnswerBeginsEndsTheWorkersWorkToo() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        inference.set(request -> {
            request.response().closeHandler(gone -> closed.incrementAndGet());
            asked.incrementAndGet();
        });
        try (ChatSocket socket = ask()) {
            Eventually.is(asked::get, 1);
            assertThat(socket.isOpen()).isTrue();
        }
        Eventually.is(closed::get, 1);
    }

    @Test
    void aSlowReaderSlowsTheWorkerDown() {
        AtomicInteger refused = new AtomicInteger();
        inference.set(request -> {
            HttpServerResponse response = events(request);
            Buffer event = Buffer.buffer("data: " + "x".repeat(100_000) + "\n\n");
            for (int i = 0; i < 1000 && !response.writeQueueFull(); i++) {
                response.write(event);
            }
            response.drainHandler(drained -> fill(response, event, 1000));
            vertx.setPeriodic(10, timer -> {
                refused.set(response.writeQueueFull() ? refused.get() + 1 : 0);
            });
        });
        try (ChatSocket socket = ask()) {
            // Nobody reads: for half a second on end the worker can write nothing, for all the buffers on the way.
            Eventually.is(() -> refused.get() > 50, true);
            assertThat(socket.isOpen()).isTrue();
        }
    }

    @Test
    void aWorkerThatBreaksOffAStreamIsReportedInTheStream() {
        inference.set(request -> events(request)
                .write("data: 2\n\n")
                .onSuccess(written -> request.connection().close()));
        try (ChatSocket socket = ask()) {
            String events = socket.readUntil(ChatSocket.END);
            assertThat(events).contains("data: {\"error\":{\"message\":\"The worker that was to answer is gone.");
            assertThat(events).doesNotContain("[DONE]");
        }
    }

    @Test
    void aWorkerThatBreaksOffBeforeItAnswersIsUnavailable() {
        inference.set(request -> request.connection().close());
        Answer answer = client.post("/v1/chat/completions", REQUEST);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.error("code")).isEqualTo("worker_unavailable");
    }

    @Test
    void aWorkerThatTakesNoConnectionIsPassedOver() {
        await(server.close());
        Answer gone = client.post("/v1/chat/completions", REQUEST);
        assertThat(gone.status()).isEqualTo(503);
        assertThat(gone.error("code")).isEqualTo("worker_unavailable");

        HttpServer second = await(vertx.createHttpServer()
                .requestHandler(request -> request.response()
                        .putHeader("content-type", "application/json")
                        .end(COMPLETION))
                .listen(0, "127.0.0.1"));
        gateway.database().execute("update workers set last_seen = last_seen + interval '1 second'");
        worker("w2", "http://127.0.0.1:" + second.actualPort());
        assertThat(client.post("/v1/chat/completions", REQUEST).status()).isEqualTo(200);
    }

    @Test
    void aModelWhoseWorkersAreGoneIsUnknown() {
        gateway.database().advance(Duration.ofMinutes(10));
        assertThat(client.post("/v1/chat/completions", REQUEST).error("code")).isEqualTo("model_not_found");
    }

    @Test
    void aWorkerWithoutAnInferenceServerAnswersNothing() {
        gateway.database().execute("update workers set inference_url = null");
        Answer answer = client.post("/v1/chat/completions", REQUEST);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.error("code")).isEqualTo("no_worker");
    }

    @Test
    void aModelOfAnotherProjectIsUnknown() {
        gateway.database().insertJob("ftjob-aaaaaaaaaaaaaaaaaaaaaaaa", "other", "base");
        gateway.database().execute("""
                insert into models (id, project, job_id, base_model, adapter_blob)
                values ('ft:base:other::12345678', 'other', 'ftjob-aaaaaaaaaaaaaaaaaaaaaaaa', 'base', 'blob-x');
                """);
        Answer answer = client.post("/v1/chat/completions", REQUEST.replace("\"base\"", "\"ft:base:other::12345678\""));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(client.get("/v1/models/ft:base:other::12345678").status()).isEqualTo(404);
        assertThat(client.delete("/v1/models/ft:base:other::12345678").status()).isEqualTo(404);
        assertThat(client.get("/v1/models").json().path("data").findValuesAsText("id"))
                .containsExactly("base");
    }

    @Test
    void aBiasIsBoundedBeforeAnybodyIsAsked() {
        assertThat(biased("{\"1\":-100,\"2\":100}").status())
                .as("that of nobody")
                .isEqualTo(404);
        String entries =
                IntStream.range(0, 301).mapToObj(i -> "\"" + i + "\":1").collect(Collectors.joining(","));
        Answer tooMany = biased("{" + entries + "}");
        assertThat(tooMany.status()).isEqualTo(400);
        assertThat(tooMany.error("code")).isEqualTo("object_above_max_properties");
        for (String bias : List.of("{\"7\":100.5}", "{\"7\":-101}", "{\"7\":1e999}", "{\"7\":\"x\"}", "[1]")) {
            Answer answer = biased(bias);
            assertThat(answer.status()).as(bias).isEqualTo(400);
            assertThat(answer.error("param")).as(bias).isEqualTo("logit_bias");
        }
    }

    private Answer biased(String bias) {
        return client.post(
                "/v1/chat/completions", "{\"model\":\"nobody\",\"messages\":[],\"logit_bias\":" + bias + "}");
    }

    @Test
    void theModelMustBeNamed() {
        assertThat(client.post("/v1/chat/completions", "{\"messages\":[]}").error("message"))
                .isEqualTo("you must provide a model parameter");
        assertThat(client.post("/v1/chat/completions", "{\"model\":5}").status())
                .isEqualTo(400);
    }

    private static HttpServerResponse events(HttpServerRequest request) {
        HttpServerResponse response =
                request.response().setChunked(true).putHeader("content-type", "text/event-stream");
        response.write("data: 1\n\n");
        return response;
    }

    private static void fill(HttpServerResponse response, Buffer event, int times) {
        for (int i = 0; i < times && !response.writeQueueFull(); i++) {
            response.write(event);
        }
        response.drainHandler(drained -> fill(response, event, times));
    }

    private ChatSocket ask() {
        return ChatSocket.ask(gateway.url(), REQUEST);
    }

    private void worker(String id, String url) {
        gateway.database()
                .execute("insert into workers (id, device, models, inference_url, inference_token) values ('" + id
                        + "', 'cpu', '[{\"id\":\"base\"}]', '" + url + "', 'secret-of-" + id + "')");
    }
}

package dev.tunegate.gateway.capture;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.db.TableLock;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A gateway whose model {@code base} a stub of a worker answers with what the test says. */
final class CaptureFixture implements AutoCloseable {
    static final String CHAT = "/v1/chat/completions";
    static final String DONE = "data: [DONE]\n\n";

    private final Vertx vertx = Vertx.vertx();
    private final List<String> received = new CopyOnWriteArrayList<>();
    private final TestGateway gateway;
    private final ApiClient client;
    private volatile Consumer<HttpServerRequest> answer = request -> {};

    CaptureFixture(Path directory) {
        gateway = new TestGateway(directory);
        client = gateway.client();
        HttpServer worker = await(vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    received.add(body.toString());
                    answer.accept(request);
                }))
                .listen(0, "127.0.0.1"));
        gateway.database()
                .execute("insert into workers (id, device, models, inference_url, inference_token) values"
                        + " ('w', 'cpu', '[{\"id\":\"base\"}]', 'http://127.0.0.1:" + worker.actualPort() + "', 't')");
    }

    TestGateway gateway() {
        return gateway;
    }

    ApiClient client() {
        return client;
    }

    /** The bodies that came to the worker. */
    List<String> received() {
        return received;
    }

    void answerWith(Consumer<HttpServerRequest> newAnswer) {
        answer = newAnswer;
    }

    void answerWhole(String completion) {
        answer = request ->
                request.response().putHeader("content-type", "application/json").end(completion);
    }

    /** Answers with a stream of these chunks, each in a piece of its own, and its end. */
    void answerStreamed(String... chunks) {
        answer = request -> {
            HttpServerResponse response = events(request);
            for (String chunk : chunks) {
                response.write("data: " + chunk + "\n\n");
            }
            response.end(DONE);
        };
    }

    static HttpServerResponse events(HttpServerRequest request) {
        return request.response().setChunked(true).putHeader("content-type", "text/event-stream");
    }

    /** A completion with one message, such as {@code {"role":"assistant","content":"ho"}}. */
    static String completion(String id, String message) {
        return "{\"id\":\"" + id + "\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"base\","
                + "\"choices\":[{\"index\":0,\"message\":" + message
                + ",\"logprobs\":null,\"finish_reason\":\"stop\"}],"
                + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}";
    }

    static String completion(String id) {
        return completion(id, "{\"role\":\"assistant\",\"content\":\"ho\",\"refusal\":null}");
    }

    /** @param choices without their brackets */
    static String chunk(String id, String choices) {
        return "{\"id\":\"" + id + "\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"base\","
                + "\"choices\":[" + choices + "],\"usage\":null}";
    }

    /** A request with these fields more, such as {@code "store":true}. */
    static String request(String fields) {
        return "{\"model\":\"base\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
                + (fields.isEmpty() ? "" : "," + fields) + "}";
    }

    Answer chat(String fields) {
        return client.post(CHAT, request(fields));
    }

    Answer chatInto(String datasetHeader, String fields) {
        return client.send(
                "POST",
                CHAT,
                "application/json",
                BodyPublishers.ofString(request(fields)),
                "x-tunegate-dataset",
                datasetHeader);
    }

    /** Asks the model, which answers with a completion of this id, and has it kept. */
    void keep(String id, String fields) {
        answerWhole(completion(id));
        assertThat(chat(fields).status()).isEqualTo(200);
    }

    JsonNode stored(String id) {
        Answer answer = client.get(CHAT + "/" + id);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    List<String> ids(String query) {
        Answer answer = client.get(CHAT + query);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("data").findValuesAsText("id");
    }

    /** A connection on which an answer has been asked for, for tests that look at how it comes. */
    ChatSocket open(String fields) {
        return ChatSocket.ask(gateway.url(), request(fields));
    }

    /** All of a streamed answer. */
    String stream(String fields) {
        Answer answer = chat("\"stream\":true," + fields);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    /** Nothing can be written to the stored completions until this is closed. */
    TableLock lock() {
        return TableLock.onWriting(gateway.database(), "stored_completions");
    }

    /** OpenAI's own client, which checks what it gets. */
    OpenAIClient sdk() {
        return gateway.sdk();
    }

    @Override
    public void close() {
        gateway.close();
        await(vertx.close());
    }
}

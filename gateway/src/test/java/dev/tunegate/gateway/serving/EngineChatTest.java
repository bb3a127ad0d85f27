package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import dev.tunegate.gateway.config.EngineKind;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients get of an engine that answers well, badly, or not at all; it is played by a stub. */
class EngineChatTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String KEY = "vllm-s3cret-key";

    private final VllmStub vllm = new VllmStub("base");

    @TempDir
    private Path directory;

    private EngineFixture fixture;
    private String model;

    @BeforeEach
    void start() throws IOException {
        vllm.requireKey(KEY);
        start("patient", Duration.ofMinutes(1));
    }

    /** For answers that do not come: all others are waited for, however slow this machine is. */
    private void waitForShort() throws IOException {
        fixture.close();
        start("impatient", Duration.ofSeconds(3));
    }

    private void start(String name, Duration timeout) throws IOException {
        Path adapters = Files.createDirectories(directory.resolve(name).resolve("adapters"));
        EngineConfig entry = EngineFixture.serving(
                EngineKind.VLLM, vllm.url(), KEY, new SharedDirectory(adapters, adapters.toString()));
        fixture = new EngineFixture(
                directory.resolve(name).resolve("data"),
                new EngineConfig(
                        "base",
                        entry.engine(),
                        entry.baseUrl(),
                        KEY,
                        "base",
                        entry.directory(),
                        timeout,
                        entry.loadTimeout()));
        model = fixture.train("one");
        fixture.awaitState(model, "ready");
        fixture.awaitState("base", "ready");
        fixture.lookAway();
    }

    @AfterEach
    void stop() {
        fixture.close();
        vllm.close();
    }

    @Test
    void everyEventOfAStreamHasTheNameThatWasAskedFor() {
        try (ChatSocket socket = ask()) {
            String events = socket.readUntil("data: [DONE]\n\n");
            assertThat(events)
                    .contains("text/event-stream")
                    .contains("\"model\":\"" + model + "\"")
                    .contains("\"content\":\"one\"")
                    .doesNotContain("tunegate-");
        }
    }

    @Test
    void openAisSdkTakesItsAnswersAndTheStateOfItsModels() {
        assertThat(fixture.sdk().models().retrieve(model).id()).isEqualTo(model);
        assertThat(fixture.sdkAnswer(model)).isEqualTo("one");
        assertThat(fixture.sdkStreamedAnswer(model)).isEqualTo("one");
    }

    @Test
    void anEventThatComesInPiecesIsPassedOnWhole() {
        String name = vllm.adapters().iterator().next();
        vllm.misbehaveAt(CHAT, request -> {
            events(request).write("data: {\"x\":\"ü\",\"mod");
            request.response().write("el\": \"" + name + "\",\"y\":1.50}\n");
            request.response().end("\n: a comment with \"model\":\"" + name + "\"\n\ndata: [DONE]");
        });
        try (ChatSocket socket = ask()) {
            assertThat(socket.readUntil(ChatSocket.END)
                            .replaceAll("\r\n[0-9a-f]+\r\n", "")
                            .strip())
                    .endsWith("data: {\"x\":\"ü\",\"model\": \"" + model + "\",\"y\":1.50}\n\n: a comment with"
                            + " \"model\":\"" + name + "\"\n\ndata: [DONE]");
        }
    }

    @Test
    void aKeyThatAnEventRepeatsIsTakenOut() {
        vllm.misbehaveAt(
                CHAT, request -> events(request).end("data: {\"error\":{\"message\":\"no " + KEY + "\"}}\n\n"));
        try (ChatSocket socket = ask()) {
            assertThat(socket.readUntil(ChatSocket.END)).contains("\"no ****\"").doesNotContain(KEY);
        }
    }

    @Test
    void aClientThatLeavesEndsTheEnginesWork() {
        AtomicInteger closed = new AtomicInteger();
        vllm.misbehaveAt(CHAT, request -> {
            events(request).write("data: {}\n\n");
            request.response().closeHandler(gone -> closed.incrementAndGet());
        });
        try (ChatSocket socket = ask()) {
            socket.readUntil("data: {}\n\n");
        }
        Eventually.is(closed::get, 1);
    }

    @Test
    void aStreamWithoutEndIsEndedWhenItsTimeIsUp() throws IOException {
        waitForShort();
        vllm.misbehaveAt(CHAT, request -> {
            events(request).write("data: {}\n\n");
            vllm.vertx().setPeriodic(5, tick -> request.response().write("data: {}\n\n"));
        });
        try (ChatSocket socket = ask()) {
            assertThat(socket.readUntil(ChatSocket.END)).contains("vllm did not answer within 3 s.");
        }
    }

    @Test
    void aStreamThatBreaksOffEndsWithAnError() {
        vllm.misbehaveAt(
                CHAT,
                request -> events(request)
                        .write("data: {}\n\n")
                        .onSuccess(written -> request.connection().close()));
        try (ChatSocket socket = ask()) {
            assertThat(socket.readUntil(ChatSocket.END))
                    .contains("data: {\"error\":{\"message\":\"vllm broke off its answer.")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void anAnswerThatDoesNotComeIsGivenUp() throws IOException {
        waitForShort();
        Answer answer = chat(request -> {});
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.error("code")).isEqualTo("engine_timeout");
        assertThat(answer.error("message")).isEqualTo("vllm did not answer within 3 s.");
        Answer half = chat(request ->
                request.response().putHeader("content-length", "1000").write("{\"choices\":"));
        assertThat(half.error("code")).isEqualTo("engine_timeout");
    }

    @Test
    void anEngineThatHasJustGoneIsSaidSo() {
        Answer closed = chat(request -> request.connection().close());
        assertThat(closed.status()).isEqualTo(503);
        assertThat(closed.error("code")).isEqualTo("engine_unavailable");
        vllm.stop();
        Answer stopped = fixture.chat(model);
        assertThat(stopped.status()).isEqualTo(503);
        assertThat(stopped.error("message"))
                .isEqualTo("vllm, which answers with this model, takes no connections. Try again shortly.");
    }

    @Test
    void whatIsNoCompletionIsABadGateway() {
        for (String nonsense : new String[] {
            "<html>It works!</html>", "{\"choices\":", "[]", "{}", "{\"error\":{\"message\":\"out of " + KEY + "\"}}"
        }) {
            Answer answer = chat(request -> request.response().end(nonsense));
            assertThat(answer.status()).as(nonsense).isEqualTo(502);
            assertThat(answer.error("code")).isEqualTo("engine_error");
            assertThat(answer.body()).doesNotContain(KEY);
        }
        Answer redirect = chat(request -> request.response()
                .setStatusCode(307)
                .putHeader("location", vllm.url() + CHAT)
                .end());
        assertThat(redirect.status()).isEqualTo(502);
        Answer crash = chat(request -> request.response().setStatusCode(500).end("CUDA out of memory"));
        assertThat(crash.status()).isEqualTo(502);
    }

    @Test
    void anAnswerThatDoesNotEndIsNotReadToItsEnd() {
        Buffer much = Buffer.buffer(" ".repeat(1 << 20));
        Answer answer = chat(request -> {
            request.response().setChunked(true).putHeader("content-type", "application/json");
            writeForever(request, much);
        });
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.error("message")).isEqualTo("The answer of the engine has more than 67108864 bytes.");
    }

    @Test
    void aRefusalIsTheClientsInOpenAisShapeAndWithItsOwnNames() {
        String name = vllm.adapters().iterator().next();
        Answer answer = chat(request -> request.response()
                .setStatusCode(400)
                .end("{\"error\":{\"message\":\"max_tokens is too large for " + name + " and " + KEY
                        + "\",\"type\":\"BadRequestError\",\"param\":\"max_tokens\",\"code\":400}}"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo("max_tokens is too large for " + model + " and ****");
        assertThat(answer.error("param")).isEqualTo("max_tokens");
        assertThat(answer.error("code")).isNull();
    }

    @Test
    void aRefusedKeyIsOurFaultAndNotTheClients() {
        vllm.requireKey("another");
        Answer answer = fixture.chat(model);
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.error("code")).isEqualTo("upstream_auth");
        assertThat(answer.body()).doesNotContain(KEY);
    }

    private Answer chat(Consumer<HttpServerRequest> misbehaviour) {
        vllm.misbehaveAt(CHAT, misbehaviour);
        return fixture.chat(model);
    }

    private static HttpServerResponse events(HttpServerRequest request) {
        return request.response().setChunked(true).putHeader("content-type", "text/event-stream");
    }

    private static void writeForever(HttpServerRequest request, Buffer piece) {
        request.response().write(piece).onSuccess(written -> writeForever(request, piece));
    }

    private ChatSocket ask() {
        return ChatSocket.ask(
                fixture.gateway().url(),
                "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true}");
    }
}

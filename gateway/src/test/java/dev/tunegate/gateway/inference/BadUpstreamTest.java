package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.inference.UpstreamStub.CHUNK;
import static dev.tunegate.gateway.inference.UpstreamStub.COMPLETION;
import static dev.tunegate.gateway.inference.UpstreamStub.KEY;
import static dev.tunegate.gateway.inference.UpstreamStub.events;
import static dev.tunegate.gateway.inference.UpstreamStub.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.CapturedLog;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that answer badly, slowly or never: clients get an error that says so, in time, and no key goes anywhere. */
class BadUpstreamTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @TempDir
    private Path directory;

    private ForwardedChat chat;
    private CapturedLog log;

    @BeforeEach
    void start() {
        log = new CapturedLog();
        chat = new ForwardedChat(directory.resolve("patient"), Duration.ofMinutes(1));
    }

    /** For answers that do not come: all others are waited for, however slow this machine is. */
    private void waitForShort() {
        chat.close();
        chat = new ForwardedChat(directory.resolve("impatient"), TIMEOUT);
    }

    @AfterEach
    void noKeyInTheLog() {
        chat.close();
        log.close();
        assertThat(log.text()).doesNotContain(KEY);
    }

    @Test
    void silence() {
        waitForShort();
        expect(request -> {}, 504, "upstream_timeout", "did not answer within 2 s");
    }

    @Test
    void halfAnAnswerAndNoMore() {
        waitForShort();
        expect(
                request ->
                        json(request, 200).putHeader("content-length", "1000").write("{\"choices\":"),
                504,
                "upstream_timeout",
                "did not answer within 2 s");
    }

    @Test
    void halfAnAnswerAndTheEnd() {
        expect(
                request -> json(request, 200)
                        .putHeader("content-length", "1000")
                        .write("{\"choices\":")
                        .onSuccess(written -> request.connection().close()),
                503,
                "upstream_unavailable",
                "broke off its answer");
    }

    @Test
    void aDropAtATime() {
        waitForShort();
        expect(
                request -> {
                    json(request, 200).setChunked(true);
                    chat.upstream()
                            .vertx()
                            .setPeriodic(20, tick -> request.response().write(" "));
                },
                504,
                "upstream_timeout",
                "did not answer within 2 s");
    }

    @Test
    void aStreamWithoutEnd() throws IOException {
        waitForShort();
        String events = chat.streamed(request -> {
            events(request);
            chat.upstream().vertx().setPeriodic(20, tick -> request.response().write(CHUNK));
        });
        assertThat(events)
                .contains(CHUNK)
                .contains("\"code\":\"upstream_timeout\"")
                .doesNotContain("[DONE]");
    }

    @Test
    void aStreamThatBreaksOff() throws IOException {
        String events = chat.streamed(request -> events(request)
                .write(CHUNK)
                .onSuccess(written -> request.connection().close()));
        assertThat(events)
                .contains(CHUNK)
                .contains("\"code\":\"upstream_unavailable\"")
                .doesNotContain("[DONE]");
    }

    @Test
    void aLineWithoutEnd() throws IOException {
        Buffer much = Buffer.buffer("x".repeat(1 << 20));
        String events = chat.streamed(request -> {
            events(request).write(CHUNK);
            writeForever(request, much);
        });
        assertThat(events).contains("\"code\":\"upstream_unavailable\"");
    }

    @Test
    void aBodyWithoutEnd() {
        Buffer much = Buffer.buffer(" ".repeat(1 << 20));
        expect(
                request -> {
                    json(request, 200).setChunked(true);
                    writeForever(request, much);
                },
                502,
                "upstream_invalid",
                "more than 67108864 bytes");
    }

    @Test
    void anotherContentType() {
        expect(
                request -> request.response()
                        .putHeader("content-type", "text/html")
                        .end("<h1>Welcome to nginx!</h1>"),
                502,
                "upstream_invalid",
                "content of type text/html");
        expect(request -> request.response().end(COMPLETION), 502, "upstream_invalid", "no content type");
        expect(request -> events(request).end(CHUNK), 502, "upstream_invalid", "a stream that nobody asked for");
    }

    @Test
    void anErrorThatSaysItIsFine() {
        expect(
                request -> json(request, 200).end("{\"error\":{\"message\":\"overloaded, " + KEY + "\"}}"),
                502,
                "upstream_error",
                "overloaded, ****");
    }

    @Test
    void brokenJson() {
        expect(
                request -> json(request, 200).end("{\"choices\":["),
                502,
                "upstream_invalid",
                "something that is no JSON");
        for (String nonsense : new String[] {"[]", "{}", "null", "{\"choices\":7}"}) {
            expect(request -> json(request, 200).end(nonsense), 502, "upstream_invalid", "JSON that is no completion");
        }
    }

    @Test
    void aWholeAnswerInsteadOfAStream() throws IOException {
        chat.upstream().answer(request -> json(request, 200).end(COMPLETION));
        Answer answer = chat.client().post(ForwardedChat.CHAT, ForwardedChat.STREAMED);
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.error("code")).isEqualTo("upstream_invalid");
    }

    @Test
    void redirectsToItselfAndToAnotherHost() {
        expect(
                request -> request.response()
                        .setStatusCode(307)
                        .putHeader("location", chat.upstream().url() + "/v1/chat/completions")
                        .end(),
                502,
                "upstream_invalid",
                "a redirect (307)");
        assertThat(chat.upstream().received()).hasSize(1);
        try (UpstreamStub other = new UpstreamStub()) {
            for (int status : new int[] {301, 302, 307, 308}) {
                expect(
                        request -> request.response()
                                .setStatusCode(status)
                                .putHeader("location", other.url() + "/v1/chat/completions")
                                .end(),
                        502,
                        "upstream_invalid",
                        "a redirect (" + status + ")");
            }
            assertThat(other.received()).isEmpty();
        }
    }

    @Test
    void aRefusedKeyIsOursAndNotTheClients() {
        for (int status : new int[] {401, 403}) {
            Answer answer = expect(
                    request -> json(request, status)
                            .end("{\"error\":{\"message\":\"Incorrect API key provided: " + KEY
                                    + ", sk-proj-abcdef.\",\"code\":\"invalid_api_key\"}}"),
                    502,
                    "upstream_auth",
                    "refuses the key that this gateway has for it");
            assertThat(answer.body()).contains("provided: ****").doesNotContain("sk-proj");
        }
    }

    @Test
    void aHostInTrouble() {
        expect(
                request -> request.response()
                        .setStatusCode(500)
                        .putHeader("x-should-retry", "false")
                        .end("<pre>Traceback: Authorization: Bearer " + KEY + "</pre>"),
                502,
                "upstream_error",
                "Authorization: Bearer ****");
        expect(request -> request.response().setStatusCode(404).end("no such page"), 502, "upstream_error", "404");
    }

    @Test
    void aKeyInAnAnswerOrAnEventIsTakenOut() throws IOException {
        String echo = COMPLETION.replace("hé", "your headers: Bearer " + KEY);
        assertThat(chat.ask(request -> json(request, 200).end(echo)).body())
                .contains("your headers: Bearer ****")
                .doesNotContain(KEY);
        String half = CHUNK.replace("hé", KEY);
        int middle = half.indexOf(KEY) + 5;
        assertThat(chat.streamed(request -> {
                    events(request).write(half.substring(0, middle));
                    chat.upstream()
                            .vertx()
                            .setTimer(50, later -> request.response().end(half.substring(middle)));
                }))
                .contains("****")
                .doesNotContain(KEY);
    }

    @Test
    void aKeyInAHeaderIsTakenOut() {
        Answer answer = chat.ask(request -> json(request, 429)
                .putHeader("retry-after", "7")
                .putHeader("x-ratelimit-owner", KEY)
                .end("{\"error\":{\"message\":\"slow down\"}}"));
        assertThat(answer.header("retry-after")).isEqualTo("7");
        assertThat(answer.header("x-ratelimit-owner")).isEqualTo("****");
    }

    @Test
    void nobodyAtHome() {
        chat.upstream().stop();
        Answer answer = chat.client().post(ForwardedChat.CHAT, ForwardedChat.REQUEST);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.error("code")).isEqualTo("upstream_unavailable");
        assertThat(answer.error("message")).isEqualTo("The upstream 'stub' takes no connections.");
    }

    private Answer expect(Consumer<HttpServerRequest> misbehaviour, int status, String code, String message) {
        Answer answer = chat.ask(misbehaviour);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.error("code")).isEqualTo(code);
        assertThat(answer.error("message")).contains("upstream 'stub'").contains(message);
        assertThat(answer.body()).doesNotContain(KEY);
        return answer;
    }

    private static void writeForever(HttpServerRequest request, Buffer piece) {
        request.response().write(piece).onSuccess(written -> writeForever(request, piece));
    }
}

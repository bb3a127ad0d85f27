package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.inference.ForwardedChat.CHAT;
import static dev.tunegate.gateway.inference.ForwardedChat.REQUEST;
import static dev.tunegate.gateway.inference.ForwardedChat.STREAMED;
import static dev.tunegate.gateway.inference.UpstreamStub.CHUNK;
import static dev.tunegate.gateway.inference.UpstreamStub.COMPLETION;
import static dev.tunegate.gateway.inference.UpstreamStub.DONE;
import static dev.tunegate.gateway.inference.UpstreamStub.KEY;
import static dev.tunegate.gateway.inference.UpstreamStub.events;
import static dev.tunegate.gateway.inference.UpstreamStub.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.inference.UpstreamStub.Received;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chat with a model that another host has: what goes there, and what comes back. The host is a stub. */
class ForwardedChatTest {
    private ForwardedChat chat;

    @BeforeEach
    void start(@TempDir Path directory) {
        chat = new ForwardedChat(directory, Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() {
        chat.close();
    }

    @Test
    void requestAndAnswerAreThoseOfClientAndHostByteByByte() {
        Answer answer = chat.client().post(CHAT, REQUEST);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(COMPLETION);
        assertThat(answer.header("x-request-id")).startsWith("req_");
        assertThat(chat.upstream().received())
                .containsExactly(new Received("/v1/chat/completions", "Bearer " + KEY, "org-ours", REQUEST));
    }

    @Test
    void aClientsOwnKeyStaysHere() {
        assertThat(chat.askWithKey("sk-of-the-client").status()).isEqualTo(200);
        assertThat(chat.upstream().received().get(0).authorization()).isEqualTo("Bearer " + KEY);
    }

    @Test
    void anAliasIsReplacedOnTheWayThereAndOnTheWayBack() {
        Answer whole = chat.client().post(CHAT, REQUEST.replace("gpt-4o", "fast"));
        assertThat(whole.body()).isEqualTo(COMPLETION.replace("gpt-4o-2024-08-06", "fast"));
        assertThat(chat.upstream().received().get(0).body()).contains("\"model\":\"gpt-4o\"");
        chat.upstream().answer(request -> events(request).end(CHUNK + DONE));
        try (ChatSocket socket = chat.stream(STREAMED.replace("gpt-4o", "fast"))) {
            assertThat(socket.readUntil(DONE)).contains(CHUNK.replace("gpt-4o-2024-08-06", "fast"));
        }
    }

    @Test
    void aStreamArrivesUnchangedAndEventByEvent() {
        AtomicReference<HttpServerResponse> response = new AtomicReference<>();
        chat.upstream().answer(request -> {
            response.set(events(request).putHeader("x-ratelimit-remaining-requests", "59"));
            response.get().write(CHUNK);
        });
        try (ChatSocket socket = chat.stream(STREAMED)) {
            String begin = socket.readUntil(CHUNK); // the rest is sent only when this has come through
            assertThat(begin)
                    .contains("content-type: text/event-stream")
                    .contains("x-ratelimit-remaining-requests: 59")
                    .contains("x-request-id: req_");
            response.get().end(": a comment\n\nevent: x\ndata: {\"y\":1.50}\n\n" + DONE);
            assertThat(socket.readUntil(ChatSocket.END))
                    .contains(": a comment\n\nevent: x\ndata: {\"y\":1.50}\n\n" + DONE);
        }
    }

    @Test
    void aClientThatLeavesEndsTheCall() {
        AtomicInteger closed = new AtomicInteger();
        chat.upstream().answer(request -> {
            events(request).closeHandler(gone -> closed.incrementAndGet());
            request.response().write(CHUNK);
        });
        try (ChatSocket socket = chat.stream(STREAMED)) {
            socket.readUntil(CHUNK);
        }
        Eventually.is(closed::get, 1);
        chat.upstream().answer(request -> request.response().closeHandler(gone -> closed.incrementAndGet()));
        try (ChatSocket socket = chat.stream(STREAMED)) {
            Eventually.is(() -> chat.upstream().received().size(), 2);
            assertThat(socket.isOpen()).isTrue();
        }
        Eventually.is(closed::get, 2);
    }

    @Test
    void aSlowReaderSlowsTheHostDown() {
        Buffer event = Buffer.buffer("data: " + "x".repeat(100_000) + "\n\n");
        AtomicInteger refused = new AtomicInteger();
        chat.upstream().answer(request -> {
            HttpServerResponse response = events(request);
            fill(response, event);
            chat.upstream().vertx().setPeriodic(10, timer -> {
                refused.set(response.writeQueueFull() ? refused.get() + 1 : 0);
            });
        });
        try (ChatSocket socket = chat.stream(STREAMED)) {
            // Nobody reads: for half a second on end the host can write nothing, for all the buffers on the way.
            Eventually.is(() -> refused.get() > 50, true);
            assertThat(socket.isOpen()).isTrue();
        }
    }

    private static void fill(HttpServerResponse response, Buffer event) {
        while (!response.writeQueueFull()) {
            response.write(event);
        }
        response.drainHandler(drained -> fill(response, event));
    }

    @Test
    void openAisSdkTakesItsAnswers() {
        ChatCompletionCreateParams question = ChatCompletionCreateParams.builder()
                .model("gpt-4o")
                .addUserMessage("hi")
                .build();
        assertThat(chat.sdk().chat().completions().create(question).validate().model())
                .isEqualTo("gpt-4o-2024-08-06");
        chat.upstream().answer(request -> events(request).end(CHUNK + DONE));
        try (StreamResponse<ChatCompletionChunk> chunks =
                chat.sdk().chat().completions().createStreaming(question)) {
            assertThat(chunks.stream().map(ChatCompletionChunk::validate)).hasSize(1);
        }
    }

    @Test
    void whatTheClientAskedWronglyIsToldInTheHostsWords() {
        Answer limited = chat.ask(request -> json(request, 429)
                .putHeader("retry-after", "7")
                .putHeader("retry-after-ms", "6500")
                .putHeader("x-ratelimit-reset-requests", "7s")
                .end("{\"error\":{\"message\":\"Rate limit reached for " + KEY
                        + "\",\"type\":\"requests\",\"param\":null,\"code\":\"rate_limit_exceeded\"}}"));
        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.error("message")).isEqualTo("Rate limit reached for ****");
        assertThat(limited.error("code")).isEqualTo("rate_limit_exceeded");
        assertThat(limited.header("retry-after")).isEqualTo("7");
        assertThat(limited.header("retry-after-ms")).isEqualTo("6500");
        assertThat(limited.header("x-ratelimit-reset-requests")).isEqualTo("7s");
        Answer wrong = chat.ask(request -> json(request, 400)
                .end("{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":9}}"));
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.error("param")).isEqualTo("n");
        assertThat(wrong.error("code")).isNull();
    }

    @Test
    void whereAModelIsAnsweredIsNotTheClientsToSay() {
        for (String field : new String[] {"api_base", "base_url", "api_key", "extra_headers", "organization"}) {
            Answer answer =
                    chat.client().post(CHAT, REQUEST.replace("\"x\":1.50", "\"" + field + "\":\"http://evil\""));
            assertThat(answer.status()).as(field).isEqualTo(400);
            assertThat(answer.error("param")).isEqualTo(field);
        }
        assertThat(chat.upstream().received()).isEmpty();
    }

    @Test
    void onlyFieldsThatOpenAiOrTheEntryNamesGoThere() {
        for (String field :
                new String[] {"user_config", "litellm_params", "fallbacks", "vertex_credentials", "top_k"}) {
            Answer answer = chat.client().post(CHAT, REQUEST.replace("\"x\":1.50", "\"" + field + "\":{\"a\":1}"));
            assertThat(answer.status()).as(field).isEqualTo(400);
            assertThat(answer.error("param")).isEqualTo(field);
        }
        Answer nested = chat.client()
                .post(CHAT, REQUEST.replace("\"content\":\"hi\"", "\"content\":\"hi\",\"api_base\":\"http://evil\""));
        assertThat(nested.error("code")).isEqualTo("unknown_parameter");
        assertThat(nested.error("message"))
                .startsWith("Unknown parameter: 'messages[0].api_base'. The upstream 'stub' gets OpenAI's fields");
        assertThat(chat.upstream().received()).isEmpty();
    }

    @Test
    void aModelOfAnotherProjectIsNotLookedForElsewhere() {
        chat.gateway().database().insertJob("ftjob-aaaaaaaaaaaaaaaaaaaaaaaa", "other", "gpt-4o");
        chat.gateway().database().execute("""
            insert into models (id, project, job_id, base_model, adapter_blob)
            values ('ft:gpt-4o:other::12345678', 'other', 'ftjob-aaaaaaaaaaaaaaaaaaaaaaaa', 'gpt-4o', 'blob-x');
            """);
        Answer answer = chat.client().post(CHAT, REQUEST.replace("\"gpt-4o\"", "\"ft:gpt-4o:other::12345678\""));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(chat.upstream().received()).isEmpty();
        assertThat(chat.client()
                        .post(CHAT, REQUEST.replace("\"gpt-4o\"", "\"ft:gpt-4o:mine::12345678\""))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aHostThatIsAwayForAMomentIsTriedAgain(@TempDir Path other) {
        chat.close();
        chat = new ForwardedChat(other, Duration.ofSeconds(30), 8); // some ten seconds, in which it surely comes back
        chat.upstream().stop();
        chat.upstream()
                .vertx()
                .setTimer(
                        250,
                        later -> chat.upstream().vertx().executeBlocking(() -> {
                            chat.upstream().startAgain();
                            return true;
                        }));
        assertThat(chat.client().post(CHAT, REQUEST).status()).isEqualTo(200);
    }

    @Test
    void modelsThatAreSpelledOutAreListedAndOthersFound() {
        assertThat(chat.client().get("/v1/models").json().path("data").findValuesAsText("id"))
                .containsExactly("gpt-4o", "fast", "mini");
        for (String name : new String[] {"gpt-4o", "gpt-5", "fast", "mini"}) {
            Answer answer = chat.client().get("/v1/models/" + name);
            assertThat(answer.json().path("id").asText()).isEqualTo(name);
            assertThat(answer.json().path("owned_by").asText()).isEqualTo("stub");
            assertThat(answer.json().at("/tunegate/serving").asText()).isEqualTo("upstream");
        }
        assertThat(chat.client().get("/v1/models/claude").status()).isEqualTo(404);
        Answer delete = chat.client().delete("/v1/models/gpt-5");
        assertThat(delete.status()).isEqualTo(403);
        assertThat(delete.error("message")).contains("upstream 'stub'");
    }
}

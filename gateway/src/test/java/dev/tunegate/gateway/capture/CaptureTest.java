package dev.tunegate.gateway.capture;

import static dev.tunegate.gateway.capture.CaptureFixture.DONE;
import static dev.tunegate.gateway.capture.CaptureFixture.chunk;
import static dev.tunegate.gateway.capture.CaptureFixture.completion;
import static dev.tunegate.gateway.capture.CaptureFixture.events;
import static dev.tunegate.gateway.capture.CaptureFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.db.TableLock;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers are kept and how, and that none is acknowledged before it is. */
class CaptureTest {
    private static final String STORE = "\"store\":true";
    private static final String SAID =
            chunk("c1", "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"ho\"}}");
    private static final String FINISH = chunk("c1", "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}");

    private CaptureFixture chat;

    @BeforeEach
    void start(@TempDir Path directory) {
        chat = new CaptureFixture(directory);
    }

    @AfterEach
    void stop() {
        chat.close();
    }

    @Test
    void anAnswerIsKeptWithItsRequestAndComesAsItIs() {
        chat.answerWhole(completion("c1"));
        Answer answer =
                chat.chat(STORE + ",\"metadata\":{\"team\":\"a\"},\"temperature\":0.5,\"seed\":7,\"user\":\"u\"");
        assertThat(answer.body()).isEqualTo(completion("c1"));
        JsonNode stored = chat.stored("c1");
        assertThat(stored.path("choices")).isEqualTo(answer.json().path("choices"));
        assertThat(stored.path("usage")).isEqualTo(answer.json().path("usage"));
        assertThat(stored.path("created").asLong()).isEqualTo(1_700_000_000);
        assertThat(stored.path("request_id").asText()).isEqualTo(answer.header("x-request-id"));
        assertThat(stored.at("/metadata/team").asText()).isEqualTo("a");
        assertThat(stored.path("temperature").asDouble()).isEqualTo(0.5);
        assertThat(stored.path("seed").asInt()).isEqualTo(7);
        assertThat(stored.path("input_user").asText()).isEqualTo("u");
        assertThat(stored.path("top_p").isNull()).isTrue();
        assertThat(stored.at("/tunegate/dataset").isNull()).isTrue();
    }

    @Test
    void whoeverAnswersSeesNothingOfIt() {
        chat.answerWhole(completion("c1"));
        chat.chat(STORE + ",\"metadata\":{\"team\":\"a\"},\"dataset\":\"d\",\"x\":1.50");
        assertThat(chat.received()).containsExactly(request("\"x\":1.5"));
    }

    @Test
    void whatIsNotToBeKeptGoesOutUnchanged() {
        List<String> requests =
                List.of("\"store\":false, \"metadata\":{\"n\":5}", "\"metadata\":{\"n\":5}", "\"store\":null");
        chat.answerWhole(completion("c1"));
        requests.forEach(chat::chat);
        assertThat(chat.received())
                .isEqualTo(requests.stream().map(CaptureFixture::request).toList());
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void aStreamIsKeptAsIfItHadBeenWhole() {
        String call = "{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}";
        String usage = "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}";
        chat.answerWhole("{\"id\":\"whole\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"base\","
                + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ho\",\"refusal\":null},"
                + "\"logprobs\":null,\"finish_reason\":\"stop\"},{\"index\":1,\"message\":{\"role\":\"assistant\","
                + "\"content\":null,\"refusal\":null,\"tool_calls\":[" + call + "]},\"logprobs\":null,"
                + "\"finish_reason\":\"tool_calls\"}],\"usage\":" + usage + "}");
        chat.chat(STORE);
        chat.answerStreamed(
                chunk(
                        "streamed",
                        "{\"index\":1,\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,"
                                + "\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}"),
                chunk("streamed", "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"h\"}}"),
                chunk("streamed", "{\"index\":0,\"delta\":{\"content\":\"o\"},\"finish_reason\":\"stop\"}"),
                chunk(
                        "streamed",
                        "{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]},"
                                + "\"finish_reason\":\"tool_calls\"}"),
                chunk("streamed", "").replace("\"usage\":null", "\"usage\":" + usage));
        assertThat(chat.stream(STORE)).endsWith(DONE);
        assertThat(withoutIds("streamed")).isEqualTo(withoutIds("whole"));
    }

    private ObjectNode withoutIds(String id) {
        return ((ObjectNode) chat.stored(id)).without(List.of("id", "request_id"));
    }

    @Test
    void theEndOfAStreamWaitsForTheCommit() {
        chat.answerStreamed(SAID, FINISH);
        try (ChatSocket socket = chat.open("\"stream\":true," + STORE)) {
            try (TableLock lock = chat.lock()) {
                socket.readUntil(FINISH + "\n\n\r\n"); // all but the end has come, although nothing can be written
                Eventually.is(lock::waiting, 1L);
                assertThat(socket.hasMore()).isFalse();
                assertThat(chat.ids("")).isEmpty();
            }
            socket.readUntil(DONE);
            assertThat(chat.ids("")).containsExactly("c1");
        }
    }

    @Test
    void aDatabaseThatHangsCostsTheAnswersEndInBoundedTime() {
        chat.answerStreamed(SAID, FINISH);
        try (TableLock lock = chat.lock();
                ChatSocket stream = chat.open("\"stream\":true," + STORE)) {
            Eventually.is(lock::waiting, 1L);
            chat.answerWhole(completion("c2"));
            Answer whole = chat.chat(STORE);
            assertThat(whole.status()).isEqualTo(503);
            assertThat(whole.error("code")).isEqualTo("capture_failed");
            assertThat(stream.readUntil(ChatSocket.END))
                    .contains("\"content\":\"ho\"", "\"code\":\"capture_failed\"")
                    .doesNotContain("[DONE]");
            assertThat(chat.chat("").status()).isEqualTo(200); // nobody else is concerned
        }
        assertThat(chat.ids("")).isEmpty();
        chat.keep("c3", STORE);
        assertThat(chat.ids("")).containsExactly("c3");
    }

    @Test
    void aDatabaseWithoutRoomIsToldAsAFullDisk() {
        chat.gateway().database().execute("""
                create function no_room() returns trigger language plpgsql as
                    $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$;
                create trigger no_room before insert on stored_completions for each row execute function no_room()""");
        chat.answerWhole(completion("c1"));
        Answer whole = chat.chat(STORE);
        assertThat(whole.status()).isEqualTo(507);
        assertThat(whole.error("code")).isEqualTo("storage_full");
        chat.answerStreamed(SAID, FINISH);
        assertThat(chat.stream(STORE)).contains("\"code\":\"storage_full\"").doesNotContain("[DONE]");
        assertThat(chat.chat("").status()).isEqualTo(200); // whoever keeps nothing is not concerned

        chat.gateway().database().execute("drop trigger no_room on stored_completions");
        chat.keep("c2", STORE);
        assertThat(chat.ids("")).containsExactly("c2");
    }

    @Test
    void aStreamThatBreaksOffIsNotKept() {
        chat.answerWith(request -> events(request)
                .write("data: " + SAID + "\n\ndata: " + FINISH + "\n\n")
                .onSuccess(written -> request.connection().close()));
        assertThat(chat.stream(STORE)).contains("worker_unavailable").doesNotContain("[DONE]");
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void aStreamThatReportsAnErrorIsNotKept() {
        chat.answerStreamed(SAID, "{\"error\":{\"message\":\"no\",\"type\":\"x\",\"param\":null,\"code\":null}}");
        assertThat(chat.stream(STORE)).contains("\"message\":\"no\"").doesNotContain("capture_failed");
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void aStreamWithoutItsLastChunkIsNotAcknowledged() {
        chat.answerStreamed(SAID);
        assertThat(chat.stream(STORE)).contains("capture_failed").doesNotContain("[DONE]");
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void whatAClientDidNotWaitForIsNotKept() {
        AtomicInteger gone = new AtomicInteger();
        chat.answerWith(request -> {
            request.response().closeHandler(closed -> gone.incrementAndGet());
            events(request).write("data: " + SAID + "\n\n");
        });
        try (ChatSocket socket = chat.open("\"stream\":true," + STORE)) {
            socket.readUntil(SAID);
        }
        Eventually.is(gone::get, 1);
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void aLineWithoutEndIsNotHeldWithoutEnd() {
        Buffer much = Buffer.buffer("x".repeat(1 << 20));
        chat.answerWith(request -> writeForever(events(request), much));
        try (ChatSocket socket = chat.open(STORE + ",\"stream\":true")) {
            // Nothing has gone out yet, so the error has a status of its own.
            assertThat(socket.readUntil("\"code\":\"worker_unavailable\"")).startsWith("HTTP/1.1 503 ");
        }
        assertThat(chat.ids("")).isEmpty();
    }

    private static void writeForever(HttpServerResponse response, Buffer piece) {
        response.write(piece).onSuccess(written -> writeForever(response, piece));
    }

    @Test
    void anErrorIsNotKept() {
        String error = "{\"error\":{\"message\":\"no\",\"type\":\"x\",\"param\":null,\"code\":null}}";
        chat.answerWith(request -> request.response()
                .setStatusCode(400)
                .putHeader("content-type", "application/json")
                .end(error));
        assertThat(chat.chat(STORE).body()).isEqualTo(error);
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void anAnswerThatIsTooLargeIsNotAcknowledged() {
        String text = "x".repeat(CapturedAnswer.LONGEST / 16);
        chat.answerWhole(
                completion("c1", "{\"role\":\"assistant\",\"content\":\"" + text.repeat(16) + "\",\"refusal\":null}"));
        Answer whole = chat.chat(STORE);
        assertThat(whole.status()).isEqualTo(400);
        assertThat(whole.error("code")).isEqualTo("completion_too_large");
        String[] chunks = new String[17];
        Arrays.fill(chunks, chunk("c1", "{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}"));
        chat.answerStreamed(chunks);
        String streamed = chat.stream(STORE);
        assertThat(streamed.length()).isGreaterThan(CapturedAnswer.LONGEST);
        assertThat(streamed.substring(streamed.length() - 1000))
                .contains("completion_too_large")
                .doesNotContain("[DONE]");
        assertThat(chat.ids("")).isEmpty();
    }

    @Test
    void aNulCharacterIsKept() {
        chat.answerWhole(completion("c1", "{\"role\":\"assistant\",\"content\":\"a\\u0000b\",\"refusal\":null}"));
        chat.chat(STORE + ",\"tools\":[{\"type\":\"function\",\"x\":\"c\\u0000d\"}]");
        assertThat(chat.stored("c1").at("/choices/0/message/content").asText()).isEqualTo("a\0b");
        assertThat(chat.stored("c1").at("/tools/0/x").asText()).isEqualTo("c\0d");
        chat.keep("\\u0000", STORE);
        assertThat(chat.ids("")).containsExactly("c1", "\uFFFD");
    }

    @Test
    void theOrderOfAToolsSchemaStays() {
        chat.answerWhole(completion("c1"));
        String tools = "[{\"type\":\"function\",\"function\":{\"z\":1,\"name\":\"f\",\"a\":1}}]";
        chat.chat(STORE + ",\"tools\":" + tools);
        assertThat(chat.stored("c1").path("tools").toString()).isEqualTo(tools);
    }

    @Test
    void twoAnswersOfTheSameIdAreBothKept() {
        chat.keep("c1", STORE);
        chat.keep("c1", STORE);
        assertThat(chat.ids("")).hasSize(2).first().isEqualTo("c1");
        assertThat(chat.ids("").get(1)).matches("c1-[A-Za-z0-9]{12}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "\"dataset\":\"d-1\"                | -   | d-1",
                "\"dataset\":null                   | d.2 | d.2",
                "\"x\":1                            | d_3 | d_3",
                "\"store\":true,\"dataset\":\"d\"   | d   | d",
                "\"store\":null,\"dataset\":\"d\"   | -   | d",
            })
    void anAnswerIsFiledUnderADataset(String fields, String header, String dataset) {
        chat.answerWhole(completion("c1"));
        Answer answer = header == null ? chat.chat(fields) : chat.chatInto(header, fields);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(chat.stored("c1").at("/tunegate/dataset").asText()).isEqualTo(dataset);
        assertThat(chat.received().get(0)).doesNotContain("dataset");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "\"store\":\"yes\"                          | - | store    | input should be true or false",
                "\"store\":1                                | - | store    | input should be true or false",
                "\"store\":true,\"metadata\":[]             | - | metadata | an object of strings",
                "\"store\":true,\"metadata\":{\"a\":1}      | - | metadata | the value of 'a' should be a string",
                "\"store\":true,\"metadata\":{\"a\":\"\\u0000\"} | - | metadata | U+0000 cannot be stored",
                "\"dataset\":5                              | - | dataset  | input should be a string",
                "\"dataset\":\"\"                           | - | dataset  | 1 to 64 letters",
                "\"dataset\":\"-a\"                         | - | dataset  | begins with a letter or digit",
                "\"dataset\":\"a/b\"                        | - | dataset  | 1 to 64 letters",
                "\"x\":1                                    | ä | dataset  | the header X-Tunegate-Dataset should be",
                "\"dataset\":\"a\"                          | b | dataset  | the header X-Tunegate-Dataset is 'b'",
                "\"store\":false,\"dataset\":\"a\"          | - | dataset  | \"store\": true",
                "\"store\":false                            | a | dataset  | \"store\": true",
            })
    void whatMakesNoSenseIsRefused(String fields, String header, String field, String words) {
        Answer answer = header == null ? chat.chat(fields) : chat.chatInto(header, fields);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo(field);
        assertThat(answer.error("message")).contains(words);
        assertThat(chat.received()).isEmpty();
    }
}

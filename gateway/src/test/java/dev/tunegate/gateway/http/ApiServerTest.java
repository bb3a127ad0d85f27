package dev.tunegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.RawHttp;
import dev.tunegate.gateway.TestGateway;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerTest {
    @TempDir
    private static Path directory;

    private static TestGateway gateway;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory);
        client = gateway.client();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/files", "/v1/files/file-none", "/v1/nowhere", "/health/live"})
    void everyAnswerHasOpenAisHeaders(String path) {
        Answer answer = client.get(path);
        assertThat(answer.header("x-request-id")).matches("req_[0-9a-f]{32}");
        assertThat(answer.header("openai-version")).isEqualTo("2020-10-01");
        assertThat(answer.header("openai-processing-ms")).matches("\\d+");
        assertThat(answer.header("openai-organization")).isEqualTo("default");
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/foo", "/", "/v1/files/", "/v1//files", "/v1/files/a/b/c", "/v1/files/%00"})
    void anUnknownUrlIsNotFound(String path) {
        Answer answer = client.post(path, "{}");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error("message")).isEqualTo("Invalid URL (POST " + path + ")");
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
    }

    @Test
    void anotherMethodOfAKnownUrlIsNotAllowed() {
        Answer answer = client.send("PUT", "/v1/files", null, BodyPublishers.noBody());
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("allow")).isEqualTo("GET, POST");
        assertThat(answer.error("code")).isEqualTo("method_not_supported");
    }

    @Test
    void headAndOptionsAreAnsweredWithoutABody() {
        Answer head = client.send("HEAD", "/v1/files", null, BodyPublishers.noBody());
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        Answer options = client.send("OPTIONS", "/v1/models/x", null, BodyPublishers.noBody());
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("allow")).isEqualTo("GET, DELETE");
        assertThat(options.headers().map()).doesNotContainKey("access-control-allow-origin");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''              | The request needs a body: a JSON object.",
                "[1]             | The request's body must be a JSON object.",
                "{\"model\":     | * (line 1, column 10): it ends in the middle of a value.",
                "{\"a\":\"b      | * (line 1, column 8): it ends in the middle of a value.",
                "{} {}           | * (line 1, column 4): something follows after its end.",
                "{\"a\":\"\\ud800\"} | *: it escapes half of a surrogate pair",
                "{\"\\udc00\":[]}  | * (line 1, column ",
                "{\"a\":1,\"a\":2} | * (line 1, column 11): an object has two members of the same name.",
                "{'a':1}         | * (line 1, column 2): names and strings stand in double quotes.",
                "{\"a\":NaN}     | * (line 1, column 9): what stands here is not JSON;",
                "{\"a\":None}    | * (line 1, column 6): what stands here is not JSON;",
                "{\"a\":tru}     | * (line 1, column 6): what stands here is not JSON;",
                "{\"a\":1,}      | * (line 1, column 8): a value is missing before a closing bracket",
                "{\"a\":[1}      | * (line 1, column 8): a value is missing before a closing bracket, or the bracket is",
                "{\"a\" 1}       | * (line 1, column 6): what stands here is not JSON;",
                "{\"a\":1/*x*/}  | * (line 1, column 7): JSON has no comments.",
                "{\"a\":\"\\x\"}   | * (line 1, column 8): a string holds a backslash that begins no escape;",
                "{\"a\":01}      | * (line 1, column 7): what stands here is not JSON;",
            })
    void aBodyThatIsNoJsonObjectIsRefused(String body, String message) {
        Answer answer = client.post("/v1/chat/completions", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message"))
                .startsWith(message.replace("*", "We could not parse the JSON body of your request"));
        assertNoLibrarysWords(answer);
    }

    @Test
    void faultsInLaterLinesAreFoundThere() {
        Answer answer = client.post("/v1/chat/completions", "{\"a\": 1,\n \"b\": \"x\ny\"}");
        assertThat(answer.error("message"))
                .contains("(line 2, column 9): a string holds a line break or another control character");
        assertNoLibrarysWords(answer);
    }

    @Test
    void textThatIsNoUtf8IsRefused() {
        Answer answer =
                client.send("POST", "/v1/chat/completions", "application/json", BodyPublishers.ofByteArray(new byte[] {
                    '{', '"', 'a', '"', ':', '"', (byte) 0xff, '"', '}'
                }));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("its text is not valid UTF-8.");
        assertNoLibrarysWords(answer);
    }

    @Test
    void deepNestingIsRefused() {
        Answer answer = client.post("/v1/chat/completions", "{\"a\":" + "[".repeat(100_000));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("(line 1, column 105): it is nested deeper than 100 levels.");
    }

    @Test
    void veryManyValuesAreRefused() {
        Answer answer = client.post("/v1/chat/completions", "{\"a\":[" + "{},".repeat(300_000) + "{}]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("it has more than 200000 values, objects and lists included.");
    }

    @ParameterizedTest
    @ValueSource(chars = {'1', '"'})
    void aVeryLongNumberOrNameIsRefused(char begin) {
        String body = begin == '1' ? "{\"a\":" + "1".repeat(2000) + "}" : "{\"" + "a".repeat(60_000) + "\":1}";
        Answer answer = client.post("/v1/chat/completions", body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("a number or the name of a member is longer than can be read.");
        assertNoLibrarysWords(answer);
    }

    /** An image is one string; it is more than a megabyte and read beside the event loop. */
    @Test
    void aVeryLongStringIsRead() {
        Answer answer =
                client.post("/v1/chat/completions", "{\"model\":\"none\",\"x\":\"" + "x".repeat(24 << 20) + "\"}");
        assertThat(answer.error("message")).isEqualTo("The model 'none' does not exist");
    }

    @Test
    void onlyWhatCarriesConversationsMayBeLarge() {
        Answer answer = client.post("/v1/fine_tuning/jobs", "{\"model\":\"" + "x".repeat(2 << 20) + "\"}");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.error("message")).contains("larger than the 1048576 bytes allowed here");
    }

    private static void assertNoLibrarysWords(Answer answer) {
        assertThat(answer.error("message"))
                .doesNotContainIgnoringCase("jackson", "feature", "StreamRead", "token", "java", "Source", "code 3");
    }

    @Test
    void aJsonBodyBeyondTheLimitIsRefused() {
        String body = "{\"model\":\"" + "x".repeat(33 * 1024 * 1024) + "\"}";
        Answer answer = client.post("/v1/chat/completions", body);
        assertThat(answer.status()).isEqualTo(413);
        assertThat(client.get("/health/live").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"})
    void jsonIsSentAsJson(String type) {
        Answer answer =
                client.send("POST", "/v1/chat/completions", type, BodyPublishers.ofString("{\"model\":\"none\"}"));
        assertThat(answer.error("message")).isEqualTo("The model 'none' does not exist");
    }

    /** A browser sends the first three, and a body of no type, for a page of another site without a preflight. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=b",
                "text/plain; application/json",
                "application/jsonl",
                "none"
            })
    void asAnythingElseItIsRefused(String type) {
        Answer answer = client.send(
                "POST",
                "/v1/chat/completions",
                type.equals("none") ? null : type,
                BodyPublishers.ofString("{\"model\":\"none\"}"));
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.error("code")).isEqualTo("unsupported_media_type");
        assertThat(answer.error("message"))
                .contains(type.equals("none") ? "The request has none" : "The request has '" + type + "'")
                .contains("curl: -H 'Content-Type: application/json'");
    }

    @Test
    void whatTheDecoderCannotReadIsRefusedInTheSameShape() {
        int port = gateway.url().getPort();
        String tooLong = RawHttp.exchange(port, "GET /" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(tooLong).contains(" 414 ").contains("{\"error\":{\"message\":\"The URL is too long.\"");
        String headers = RawHttp.exchange(
                port, "GET /v1/files HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(70_000) + "\r\n\r\n");
        assertThat(headers).contains(" 431 ").contains("x-request-id: req_");
        String noHttp = RawHttp.exchange(port, "hello\r\n\r\n");
        assertThat(noHttp).contains(" 400 ").contains("{\"error\":{\"message\":");
    }

    @Test
    void aBodyAnnouncedBeyondTheLimitIsRefusedWithoutWaitingForIt() {
        String status = RawHttp.status(
                gateway.url().getPort(),
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 99999999999999\r\n\r\n{}");
        assertThat(status).contains(" 413 ");
    }

    @Test
    void aRequestWithoutAHostIsRefused() {
        String answer =
                RawHttp.exchange(gateway.url().getPort(), "GET /v1/files HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertThat(answer).contains(" 400 ").contains("The request is not valid HTTP.");
    }

    @Test
    void aBrokenQueryIsRefused() {
        String answer = RawHttp.exchange(
                gateway.url().getPort(),
                "GET /v1/files?after=%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assertThat(answer).contains(" 400 ").contains("\"error\"");
    }

    @Test
    void aNulCharacterIsRefusedAndNotStored() {
        Answer answer = client.get("/v1/files?purpose=%00");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("U+0000");
    }

    @Test
    void idsMayHaveTheirColonsEscaped() {
        assertThat(client.get("/v1/models/ft:a:b::c").error("message"))
                .isEqualTo("The model 'ft:a:b::c' does not exist");
        assertThat(client.get("/v1/models/ft%3Aa%3Ab%3A%3Ac").error("message"))
                .isEqualTo("The model 'ft:a:b::c' does not exist");
    }

    @Test
    void healthAndTheContractNeedNoKey() {
        assertThat(client.get("/health/live").body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(client.get("/health/ready").body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(client.get("/openapi.yaml").body()).startsWith("openapi: 3.1.0");
    }
}

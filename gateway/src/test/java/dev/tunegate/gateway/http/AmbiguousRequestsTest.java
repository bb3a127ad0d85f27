package dev.tunegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.CapturedLog;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests whose end is a matter of opinion: what a proxy takes for a body must never be a second request here. */
class AmbiguousRequestsTest {
    private static final String SECOND = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static LimitedServer server;

    @BeforeAll
    static void start() {
        server = new LimitedServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Transfer-Encoding: chunked|Content-Length: 4",
                "Content-Length: 4|Transfer-Encoding: chunked",
                "Content-Length: 4|Transfer-Encoding: xchunked",
                "Transfer-Encoding: xchunked",
                "Transfer-Encoding: gzip, chunked",
                "Transfer-Encoding: chunked, identity",
                "Transfer-Encoding: identity",
                "Transfer-Encoding: chunked|Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked|Transfer-Encoding: identity",
                "Transfer-Encoding:\u000bchunked",
                "Transfer-Encoding : chunked",
                " Transfer-Encoding: chunked",
                "Transfer-Encoding: chunked\u0000",
                "Transfer-Encoding: \"chunked\"",
                "Content-Length: 4|Content-Length: 5",
                "Content-Length: 4, 5",
                "Content-Length: +4",
                "Content-Length: -4",
                "Content-Length: 0x4",
                "Content-Length: 4 4",
                "Content-Length: 99999999999999999999",
                "Host: elsewhere",
            })
    void aRequestWithoutOneClearEndIsRefusedAndNothingBehindItIsHeard(String headers) {
        String answer = exchange("POST /json HTTP/1.1\r\nHost: localhost\r\n" + headers.replace("|", "\r\n")
                + "\r\n\r\n0\r\n\r\n" + SECOND);
        assertRefusedOnce(answer);
    }

    @Test
    void chunksAreForHttp11() {
        assertRefusedOnce(exchange("POST /json HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND));
    }

    @Test
    void theSameLengthTwiceIsRefused() {
        assertRefusedOnce(
                exchange("POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n"
                        + "abcd" + SECOND));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\nabc\r\n",
                "-1\r\nabc\r\n",
                "3\r\nabcdef\r\n",
                "3;a=\"\r\n\"\r\nabc",
                "fffffffffffffffff\r\nabc",
                "3\nabc\n"
            })
    void aBrokenChunkIsOneLogLineAndA400(String chunk) {
        try (CapturedLog log = new CapturedLog()) {
            String answer = exchange("POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Authorization: Bearer blue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n" + chunk
                    + SECOND);
            assertRefusedOnce(answer);
            assertThat(log.text().lines().filter(line -> line.contains("broken")))
                    .hasSize(1);
            assertThat(log.text()).doesNotContain("Unhandled", "\tat ");
        }
        assertThat(server.bytesHeld()).isZero();
    }

    @Test
    void aHeadOfVeryManyLinesIsRefusedBeforeItIsComplete() {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /health HTTP/1.1\r\n" + "a:\r\n".repeat(RequestDecoder.MOST_HEADERS + 2));
            assertThat(client.untilClosed()).startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void thereIsNoHttp2ByTheBack() {
        String upgrade = exchange("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
        assertThat(upgrade).startsWith("HTTP/1.1 200 ");
        String preface = exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        assertThat(preface).contains(" 501 ").doesNotContain(" 200 ");
    }

    private static void assertRefusedOnce(String answer) {
        assertThat(answer)
                .matches("(?s)HTTP/1\\.[01] 400 .*")
                .containsIgnoringCase("connection: close")
                .contains("{\"error\":");
        assertThat(answer.split("HTTP/1\\.[01] \\d"))
                .as("one answer: %s", answer)
                .hasSize(2);
    }

    private static String exchange(String bytes) {
        try (RawClient client = new RawClient(server.port())) {
            return client.send(bytes).untilClosed();
        }
    }
}

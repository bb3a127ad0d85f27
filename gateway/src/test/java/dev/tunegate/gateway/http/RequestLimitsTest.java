package dev.tunegate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.Eventually;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take their time, or send more than they should: each costs little, and for a short while. */
class RequestLimitsTest {
    private static final String JSON = "{\"a\":1}";

    private static LimitedServer server;

    @BeforeAll
    static void start() {
        server = new LimitedServer();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aHeadThatComesInDropsIsNotWaitedFor() {
        try (RawClient client = new RawClient(server.port())) {
            client.send("GET /health HTTP/1.1\r\nX: ");
            trickleUntilClosed(client, "x");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void neitherIsTheNextHeadOfAConnectionThatIsKnown() {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.head("GET /private", "blue") + "\r\n");
            assertThat(client.answer()).contains(" 200 ");
            client.send("GET /private HTTP/1.1\r\nX: ");
            trickleUntilClosed(client, "x");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void aHeadThatBeginsInThePacketOfTheRequestBeforeItIsNotWaitedForEither() {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.head("GET /private", "blue") + "\r\nGET /private HTT");
            assertThat(client.answer()).contains(" 200 ");
            assertThat(client.untilClosed()).isEmpty();
        }
    }

    @Test
    void whoHasShownAKeyMayWaitBetweenRequestsAndAStrangerMayNot() {
        try (RawClient known = new RawClient(server.port());
                RawClient stranger = new RawClient(server.port());
                RawClient silent = new RawClient(server.port())) {
            known.send(RawClient.head("GET /private", "blue") + "\r\n");
            assertThat(known.answer()).contains(" 200 ");
            stranger.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(stranger.answer()).contains(" 200 ");
            assertThat(silent.untilClosed()).isEmpty();
            assertThat(stranger.untilClosed()).isEmpty();
            known.send(RawClient.head("GET /private", "blue") + "\r\n");
            assertThat(known.answer()).contains(" 200 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/json", "/stream"})
    void aBodyThatStopsIsAnsweredWith408(String path) {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.head("POST " + path, "blue") + "Content-Length: 100\r\n\r\n" + "{\"a\":\"");
            String answer = client.untilClosed();
            assertThat(answer)
                    .startsWith("HTTP/1.1 408 ")
                    .contains("connection: close")
                    .contains("\"code\":\"request_timeout\"");
            assertThat(server.bytesHeld()).isZero();
        }
    }

    @Test
    void aBodyOfDropsIsHeldInMemoryForSoLongAndNoLonger() {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.head("POST /json", "blue") + "Content-Length: 1000000\r\n\r\n{\"a\":\"");
            trickleUntilClosed(client, "x");
            assertThat(client.untilClosed()).startsWith("HTTP/1.1 408 ").contains("took longer than");
        }
    }

    @Test
    void aBodyOfDropsThatIsNotHeldMayTakeItsTime() {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.head("POST /stream", "blue") + "Content-Length: 30\r\n\r\n");
            for (int i = 0; i < 30; i++) {
                client.send("x");
                LockSupport.parkNanos(LimitedServer.BODY.dividedBy(25).toNanos());
            }
            assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/json", "/stream", "/none", "/nowhere", "/health"})
    void anEndlessBodyOfAStrangerIsNotReadForEver(String path) {
        try (RawClient client = new RawClient(server.port())) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
            long sent = 0;
            while (client.trySend(chunk)) {
                sent += chunk.length;
                assertThat(sent)
                        .as("what the sockets' buffers hold, and no more")
                        .isLessThan(64L * 1024 * 1024);
            }
        }
    }

    @Test
    void aConnectionGoesOnBehindASmallBodyThatNobodyHasRead() {
        try (RawClient client = new RawClient(server.port())) {
            String refused =
                    "POST /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n" + "x".repeat(1000);
            client.send(refused);
            assertThat(client.answer()).startsWith("HTTP/1.1 401 ").doesNotContain("connection: close");
            client.send(refused);
            assertThat(client.answer()).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void whoSendsOnBehindARefusalStillReadsWhy() {
        try (RawClient client = new RawClient(server.port())) {
            client.trySend(("GET /" + "a".repeat(400_000) + " HTTP/1.1\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            assertThat(client.untilClosed()).contains(" 414 ");
        }
    }

    @Test
    void whoAsksWhetherToSendABodyHearsTheAnswerFirst() {
        try (RawClient client = new RawClient(server.port())) {
            String expecting = "Content-Length: 7\r\nExpect: 100-continue\r\n\r\n";
            client.send(RawClient.head("POST /json", "blue") + expecting);
            assertThat(client.answer()).startsWith("HTTP/1.1 100 ");
            client.send(JSON);
            assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
            client.send("POST /json HTTP/1.1\r\nHost: localhost\r\n" + expecting);
            assertThat(client.answer()).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void aProjectCanFillItsShareOfTheMemoryAndNoMore() {
        int most = LimitedServer.MEMORY / 4 * 3;
        int each = LimitedServer.LARGEST_BODY / 2;
        String body = "{\"a\":\"" + "x".repeat(each - 8) + "\"}";
        try (LimitedServer other = new LimitedServer()) {
            List<RawClient> waiting = new ArrayList<>();
            for (int i = 0; i < most / each; i++) {
                waiting.add(new RawClient(other.port())
                        .send(RawClient.head("POST /held", "red") + "Content-Length: " + each + "\r\n\r\n" + body));
            }
            Eventually.until(Duration.ofSeconds(30), "all of it is held", other::bytesHeld, held -> held == most);
            assertThat(post(other, "red", JSON))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("retry-after: ")
                    .contains("\"code\":\"server_busy\"");
            assertThat(post(other, "blue", JSON)).startsWith("HTTP/1.1 200 ");
            other.answerHeld();
            for (RawClient client : waiting) {
                assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
                client.close();
            }
            Eventually.is(other::bytesHeld, 0L);
            assertThat(post(other, "red", JSON)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void whatIsParsedIsHeldUntilTheAnswerAndTakesItsMemoryToo() {
        String values = "[" + "{},".repeat(10_000) + "{}]";
        try (LimitedServer other = new LimitedServer();
                RawClient client = new RawClient(other.port())) {
            String body = "{\"a\":" + values + "}";
            client.send(RawClient.head("POST /held", "blue") + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            Eventually.until(
                    Duration.ofSeconds(10), "the tree is held", other::bytesHeld, held -> held > 10_000 * 150L);
            other.answerHeld();
            assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
            Eventually.is(other::bytesHeld, 0L);
        }
    }

    @Test
    void aClientThatLeavesGivesBackWhatItHeld() {
        try (RawClient client = new RawClient(server.port())) {
            client.send(RawClient.head("POST /json", "green") + "Content-Length: 1000\r\n\r\n" + "x".repeat(999));
            Eventually.until(Duration.ofSeconds(10), "it is held", server::bytesHeld, held -> held >= 999);
        }
        Eventually.is(server::bytesHeld, 0L);
    }

    @Test
    void whoHasNoKeyMakesRoomForOthers() {
        try (LimitedServer other = new LimitedServer()) {
            List<RawClient> strangers = new ArrayList<>();
            for (int i = 0; i < LimitedServer.STRANGERS; i++) {
                strangers.add(new RawClient(other.port()).send("GET /private"));
            }
            try (RawClient next = new RawClient(other.port())) {
                next.send(RawClient.head("GET /private", "blue") + "\r\n");
                assertThat(next.answer()).startsWith("HTTP/1.1 200 ");
                assertThat(strangers.get(0).isClosed()).isTrue();
                assertThat(strangers.get(LimitedServer.STRANGERS - 1).isClosed())
                        .isFalse();
            } finally {
                strangers.forEach(RawClient::close);
            }
        }
    }

    @Test
    void thereAreOnlySoManyConnections() {
        try (LimitedServer other = new LimitedServer()) {
            List<RawClient> known = new ArrayList<>();
            for (int i = 0; i < LimitedServer.CONNECTIONS; i++) {
                RawClient client = new RawClient(other.port());
                known.add(client);
                client.send(RawClient.head("GET /private", "blue") + "\r\n");
                assertThat(client.answer()).startsWith("HTTP/1.1 200 ");
            }
            try (RawClient oneTooMany = new RawClient(other.port())) {
                assertThat(oneTooMany.untilClosed()).isEmpty();
            }
            known.get(0).close();
            Eventually.is(
                    () -> {
                        try (RawClient next = new RawClient(other.port())) {
                            return next.trySend((RawClient.head("GET /private", "blue") + "Connection: close\r\n\r\n")
                                            .getBytes(StandardCharsets.ISO_8859_1))
                                    && next.untilClosed().startsWith("HTTP/1.1 200 ");
                        }
                    },
                    true);
            known.forEach(RawClient::close);
        }
    }

    private static String post(LimitedServer to, String project, String body) {
        try (RawClient client = new RawClient(to.port())) {
            return client.send(RawClient.head("POST /json", project) + "Content-Length: " + body.length()
                            + "\r\nConnection: close\r\n\r\n" + body)
                    .untilClosed();
        }
    }

    /** Sends a drop well within each deadline, until the connection is closed. */
    private static void trickleUntilClosed(RawClient client, String drop) {
        long begin = System.nanoTime();
        byte[] bytes = drop.getBytes(StandardCharsets.ISO_8859_1);
        while (client.trySend(bytes)) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
        }
    }
}

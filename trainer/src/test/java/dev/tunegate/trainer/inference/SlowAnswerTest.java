package dev.tunegate.trainer.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that take their time: signs of life go out meanwhile, and what goes wrong afterwards is told all the same. */
@Timeout(60)
class SlowAnswerTest {
    private static final String TOKEN = "secret-token";
    private static final Duration SIGN_OF_LIFE_EVERY = Duration.ofMillis(50);

    private final HttpClient client = HttpClient.newHttpClient();
    private final ByteModel.Source models = new ByteModel.Source();
    private InferenceServer server;

    @BeforeEach
    void start() throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = new InferenceServer(address, TOKEN, models, SIGN_OF_LIFE_EVERY);
    }

    @AfterEach
    void stop() {
        models.goOn.countDown();
        server.close();
        assertThat(models.inUse).hasValue(0);
    }

    @Test
    void aWholeAnswerEndsWhenItsClientLeaves() throws Exception {
        HttpResponse<InputStream> response =
                client.send(authorized(chat("chatter", "x", ",\"temperature\":0")), BodyHandlers.ofInputStream());
        try (InputStream blanks = response.body()) {
            assertThat(blanks.read()).isEqualTo(' ');
            assertThat(models.inUse).hasValue(1);
        }
        while (models.inUse.get() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aWholeAnswerThatFailsBehindASignOfLifeSaysWhichStatusItWouldHaveHad() throws Exception {
        HttpResponse<InputStream> response =
                client.send(authorized(chat("broken-later", "x", "")), BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            assertThat(body.read()).isEqualTo(' ');
            models.goOn.countDown();
            JsonNode error = Json.MAPPER.readTree(body.readAllBytes());
            assertThat(error.fieldNames()).toIterable().containsExactly("error", "status");
            assertThat(error.at("/error/message").asText()).startsWith("The server had an error");
            assertThat(error.get("status").asInt()).isEqualTo(500);
        }
    }

    @Test
    void aModelThatTakesItsTimeIsHeardOfMeanwhile() throws Exception {
        HttpResponse<InputStream> whole = client.send(authorized(chat("stuck", "x", "")), BodyHandlers.ofInputStream());
        HttpResponse<InputStream> streamed =
                client.send(authorized(chat("stuck", "x", ",\"stream\":true")), BodyHandlers.ofInputStream());
        try (InputStream blanks = whole.body();
                InputStream comments = streamed.body()) {
            assertThat(whole.headers().firstValue("Content-Type")).hasValue("application/json");
            assertThat(blanks.readNBytes(3)).asString(StandardCharsets.UTF_8).isEqualTo("   ");
            assertThat(comments.readNBytes(6)).asString(StandardCharsets.UTF_8).isEqualTo(":\n:\n:\n");
            models.goOn.countDown();
            assertThat(Json.MAPPER
                            .readTree(blanks.readAllBytes())
                            .at("/choices/0/finish_reason")
                            .asText())
                    .isEqualTo("stop");
            assertThat(comments.readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .contains("data: {\"id\"")
                    .endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void aModelThatCannotBeLoadedAfterAWhileSaysWhichStatusThatWouldHaveBeen() throws Exception {
        HttpResponse<InputStream> streamed =
                client.send(authorized(chat("unloadable", "x", ",\"stream\":true")), BodyHandlers.ofInputStream());
        try (InputStream events = streamed.body()) {
            assertThat(events.read()).isEqualTo(':');
            models.goOn.countDown();
            assertThat(events.readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .contains("data: {\"error\":{\"message\":\"it cannot be loaded\",\"type\":\"server_error\","
                            + "\"param\":null,\"code\":null},\"status\":503}\n\n");
        }
    }

    @Test
    void aClientThatLeavesWhileItsAnswerHasNotBegunEndsTheGeneration() throws Exception {
        HttpResponse<InputStream> response =
                client.send(authorized(chat("stuck", "x", "")), BodyHandlers.ofInputStream());
        try (InputStream blanks = response.body()) {
            assertThat(blanks.read()).isEqualTo(' ');
            assertThat(models.inUse).hasValue(1);
        }
        models.goOn.countDown();
        while (models.inUse.get() > 0) {
            Thread.onSpinWait();
        }
    }

    private HttpRequest authorized(String body) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/v1/chat/completions"))
                .header("Authorization", "Bearer " + TOKEN)
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private static String chat(String model, String content, String more) {
        return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                .formatted(model, content, more);
    }
}

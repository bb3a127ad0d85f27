package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.inference.ForwardedChat.CHAT;
import static dev.tunegate.gateway.inference.UpstreamStub.COMPLETION;
import static dev.tunegate.gateway.inference.UpstreamStub.DONE;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.ApiClient.Answer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of other hosts that are kept here, and only here. */
class ForwardedCaptureTest {
    private static final String STORED = "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
            + "\"store\":true,\"dataset\":\"d\",\"metadata\":{\"team\":\"a\"}}";

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
    void aWholeAnswerIsKeptAsTheClientGotIt() {
        Answer answer = chat.client().post(CHAT, STORED);
        assertThat(answer.body()).isEqualTo(COMPLETION.replace("gpt-4o-2024-08-06", "fast"));
        JsonNode stored = chat.client().get(CHAT + "/chatcmpl-9").json();
        assertThat(stored.path("model").asText()).isEqualTo("fast");
        assertThat(stored.at("/choices/0/message/content").asText()).isEqualTo("hé");
        assertThat(stored.at("/tunegate/dataset").asText()).isEqualTo("d");
    }

    @Test
    void aStreamIsKeptAsTheClientGotIt() {
        chat.upstream()
                .answer(request -> UpstreamStub.events(request)
                        .end(UpstreamStub.CHUNK
                                + UpstreamStub.CHUNK
                                        .replace("\"content\":\"hé\"", "\"content\":\"!\"")
                                        .replace("\"finish_reason\":null", "\"finish_reason\":\"stop\"")
                                + DONE));
        Answer answer = chat.client().post(CHAT, STORED.replace("\"store\"", "\"stream\":true,\"store\""));
        assertThat(answer.body()).endsWith(DONE);
        JsonNode stored = chat.client().get(CHAT + "/chatcmpl-9").json();
        assertThat(stored.path("model").asText()).isEqualTo("fast");
        assertThat(stored.at("/choices/0/message/content").asText()).isEqualTo("hé!");
    }

    @Test
    void theHostSeesNothingOfIt() {
        chat.client().post(CHAT, STORED);
        assertThat(chat.upstream().received().get(0).body())
                .isEqualTo("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
    }
}

package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.inference.ForwardedChat.CHAT;
import static dev.tunegate.gateway.inference.ForwardedChat.REQUEST;
import static dev.tunegate.gateway.inference.ForwardedChat.STREAMED;
import static dev.tunegate.gateway.inference.UpstreamStub.CHUNK;
import static dev.tunegate.gateway.inference.UpstreamStub.events;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.config.ProjectLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many chats a project may have under way. */
class OpenChatsTest {
    @Test
    void oneTooManyIsTurnedAwayUntilAnotherHasEnded(@TempDir Path directory) {
        try (UpstreamStub upstream = new UpstreamStub();
                TestGateway gateway = new TestGateway(GatewayOptions.in(directory)
                        .withRoutes(new ModelRoutes(
                                Map.of(), List.of(upstream.entry(Duration.ofSeconds(30), 0, "gpt-*", "gpt-4o"))))
                        .withProjectLimits(new ProjectLimits(10, 10, 10, 2, 1000)))) {
            ApiClient client = gateway.client();
            upstream.answer(request -> events(request).write(CHUNK)); // and no end
            try (ChatSocket first = ChatSocket.ask(gateway.url(), STREAMED);
                    ChatSocket second = ChatSocket.ask(gateway.url(), STREAMED)) {
                first.readUntil(CHUNK);
                second.readUntil(CHUNK);
                Answer refused = client.post(CHAT, REQUEST);
                assertThat(refused.status()).isEqualTo(429);
                assertThat(refused.error("code")).isEqualTo("rate_limit_exceeded");
                assertThat(refused.header("retry-after")).isEqualTo("1");
                assertThat(client.get("/v1/files").status()).isEqualTo(200);
            }
            // Both clients have left.
            upstream.answer(request -> UpstreamStub.json(request, 200).end(UpstreamStub.COMPLETION));
            Eventually.is(() -> client.post(CHAT, REQUEST).status(), 200);
            for (int i = 0; i < 5; i++) {
                assertThat(client.post(CHAT, REQUEST).status()).isEqualTo(200);
            }
        }
    }
}

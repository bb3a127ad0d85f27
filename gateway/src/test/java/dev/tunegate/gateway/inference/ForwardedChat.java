package dev.tunegate.gateway.inference;

import com.openai.client.OpenAIClient;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.ChatSocket;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.ModelRoutes;
import io.vertx.core.http.HttpServerRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A gateway that forwards {@code gpt-*} to a stub, with {@code fast} as an alias of one of its models. */
final class ForwardedChat implements AutoCloseable {
    static final String REQUEST =
            "{\"model\":\"gpt-4o\",  \"messages\":[{\"role\":\"user\",\"content\":\"hi\"}], \"x\":1.50}";
    static final String STREAMED = REQUEST.replace("\"x\":1.50", "\"stream\":true");
    static final String CHAT = "/v1/chat/completions";

    private final UpstreamStub upstream = new UpstreamStub();
    private final TestGateway gateway;
    private final ApiClient client;

    ForwardedChat(Path directory, Duration timeout) {
        this(directory, timeout, 3);
    }

    /** @param retries how often a connection that is refused is tried again, each time after twice the pause */
    ForwardedChat(Path directory, Duration timeout, int retries) {
        gateway = new TestGateway(GatewayOptions.in(directory)
                .withRoutes(new ModelRoutes(
                        Map.of("fast", "gpt-4o", "mini", "gpt-unlisted"),
                        List.of(upstream.entry(timeout, retries, "gpt-*", "gpt-4o")))));
        client = gateway.client();
    }

    UpstreamStub upstream() {
        return upstream;
    }

    TestGateway gateway() {
        return gateway;
    }

    ApiClient client() {
        return client;
    }

    /** Asks while the upstream answers so. */
    Answer ask(Consumer<HttpServerRequest> answer) {
        upstream.answer(answer);
        return client.post(CHAT, REQUEST);
    }

    /** Asks with another key than the upstream's. */
    Answer askWithKey(String key) {
        return client.send(
                "POST", CHAT, "application/json", BodyPublishers.ofString(REQUEST), "authorization", "Bearer " + key);
    }

    /** OpenAI's own client, which checks what it gets. */
    OpenAIClient sdk() {
        return gateway.sdk();
    }

    /** A connection on which a streamed answer has been asked for. */
    ChatSocket stream(String request) {
        return ChatSocket.ask(gateway.url(), request);
    }

    /** All of a streamed answer, headers and chunk lengths too. */
    String streamed(Consumer<HttpServerRequest> answer) {
        upstream.answer(answer);
        try (ChatSocket socket = stream(STREAMED)) {
            return socket.readUntil(ChatSocket.END);
        }
    }

    @Override
    public void close() {
        gateway.close();
        upstream.close();
    }
}

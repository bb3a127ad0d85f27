package dev.tunegate.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.ModelRoutes;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
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
        gateway = new TestGateway(GatewayOptions.in(directory)
                .withRoutes(new ModelRoutes(
                        Map.of("fast", "gpt-4o", "mini", "gpt-unlisted"),
                        List.of(upstream.entry(timeout, "gpt-*", "gpt-4o")))));
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
        return OpenAIOkHttpClient.builder()
                .baseUrl(gateway.url().resolve("/v1").toString())
                .apiKey("none-needed-on-loopback")
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }

    /** A connection on which a streamed answer has been asked for. */
    Socket stream(String request) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.url().getPort());
        socket.setSoTimeout(30_000);
        socket.getOutputStream()
                .write(("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + request.length()
                                + "\r\n\r\n" + request)
                        .getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** All of a streamed answer, headers and chunk lengths too. */
    String streamed(Consumer<HttpServerRequest> answer) throws IOException {
        upstream.answer(answer);
        try (Socket socket = stream(STREAMED)) {
            return readUntil(socket, "\r\n0\r\n\r\n");
        }
    }

    /** Reads no further than that. */
    static String readUntil(Socket socket, String end) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        do {
            int next = in.read();
            assertThat(next).as("the end of %s", read).isNotNegative();
            read.write(next);
        } while (!read.toString(StandardCharsets.UTF_8).endsWith(end));
        return read.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        gateway.close();
        upstream.close();
    }
}

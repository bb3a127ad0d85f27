package dev.tunegate.gateway.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemoClientTest {
    private HttpServer server;
    private DemoClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        client = new DemoClient(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1"));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void uploadsAFileAsAMultipartForm() {
        var type = new AtomicReference<String>();
        var body = new AtomicReference<String>();
        server.createContext("/v1/files", exchange -> {
            type.set(exchange.getRequestHeaders().getFirst("Content-Type"));
            body.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            answer(exchange, 200, "{\"id\": \"file-1\"}");
        });
        assertThat(client.upload("a.jsonl", "{}\n").path("id").asText()).isEqualTo("file-1");
        assertThat(type.get()).startsWith("multipart/form-data; boundary=");
        String boundary = type.get().substring("multipart/form-data; boundary=".length());
        assertThat(body.get())
                .isEqualTo("--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n"
                        + "fine-tune\r\n--" + boundary
                        + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n"
                        + "Content-Type: application/jsonl\r\n\r\n{}\n\r\n--" + boundary + "--\r\n");
    }

    @Test
    void tellsTheServersOwnMessageWhenItRefuses() {
        server.createContext("/v1/files/x", exchange -> answer(exchange, 404, """
                {"error": {"message": "No such File object: x", "type": "invalid_request_error"}}"""));
        assertThatThrownBy(() -> client.get("/files/x"))
                .isInstanceOf(DemoFailure.class)
                .hasMessageEndingWith("/v1/files/x was answered with 404: No such File object: x");
    }

    @Test
    void seesFromA503ThatNobodyServesAModelYet() {
        server.createContext("/v1/none", exchange -> answer(exchange, 503, "{\"error\": {}}"));
        server.createContext("/v1/some", exchange -> answer(exchange, 200, "{}"));
        assertThat(client.isServed("/none", JsonNodeFactory.instance.objectNode()))
                .isFalse();
        assertThat(client.isServed("/some", JsonNodeFactory.instance.objectNode()))
                .isTrue();
        assertThatThrownBy(() -> client.isServed("/other", JsonNodeFactory.instance.objectNode()))
                .isInstanceOf(DemoFailure.class);
    }

    @Test
    void saysWhatCameInsteadOfJson() {
        server.createContext("/v1/models", exchange -> answer(exchange, 502, "<html>"));
        assertThatThrownBy(() -> client.get("/models"))
                .isInstanceOf(DemoFailure.class)
                .hasMessageContaining("502 and no JSON: <html>");
    }

    @Test
    void saysWhomItCouldNotReach() {
        server.stop(0);
        assertThatThrownBy(() -> client.get("/models"))
                .isInstanceOf(DemoFailure.class)
                .hasMessageContaining("/v1/models was not answered: java.net.ConnectException");
    }

    @Test
    void aFailedJobEndsTheWatchWithTheJobsOwnReason() {
        server.createContext("/v1/fine_tuning/jobs/j", exchange -> answer(exchange, 200, """
                {"id": "j", "status": "failed", "data": [], "error": {"message": "Line 3 is not JSON."}}"""));
        JobWatch watch = new JobWatch(client, InstantSource.system(), Duration.ofMinutes(1));
        assertThatThrownBy(() -> watch.follow("j", progress -> {}))
                .isInstanceOf(DemoFailure.class)
                .hasMessage("The job j has failed: Line 3 is not JSON.");
    }

    @Test
    void aJobThatNeverStartsIsGivenUp() {
        server.createContext("/v1/fine_tuning/jobs/j", exchange -> answer(exchange, 200, """
                {"id": "j", "status": "queued", "data": [], "error": null}"""));
        JobWatch watch = new JobWatch(client, InstantSource.system(), Duration.ofMillis(-1));
        assertThatThrownBy(() -> watch.follow("j", progress -> {}))
                .isInstanceOf(DemoFailure.class)
                .hasMessageStartingWith("The job j is still queued");
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}

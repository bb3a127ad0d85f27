package dev.tunegate.gateway.inference;

import static dev.tunegate.gateway.db.Await.await;
import static dev.tunegate.gateway.inference.ForwardedChat.REQUEST;
import static dev.tunegate.gateway.inference.ForwardedChat.STREAMED;
import static dev.tunegate.gateway.inference.UpstreamStub.CHUNK;
import static dev.tunegate.gateway.inference.UpstreamStub.DONE;
import static dev.tunegate.gateway.inference.UpstreamStub.events;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import io.vertx.core.http.HttpServerResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs with a key when it is revoked. Nothing here would end by itself. */
class RevokedKeyTest {
    /** The promise is two seconds; a busy machine gets some more. */
    private static final Duration SOON = Duration.ofSeconds(6);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Queue<HttpServerResponse> streams = new ConcurrentLinkedQueue<>();
    private final AtomicInteger callsEnded = new AtomicInteger();
    private ForwardedChat chat;
    private Keys keys;
    private Path directory;

    @BeforeEach
    void start(@TempDir Path directory) {
        this.directory = directory;
        chat = new ForwardedChat(directory, Duration.ofMinutes(5));
        keys = new Keys(chat.gateway().database().database());
    }

    @AfterEach
    void stop() {
        chat.close();
    }

    @Test
    void itsStreamsEndWithTheReasonAndThoseOfOthersGoOn() throws Exception {
        chat.upstream().answer(request -> {
            request.response().closeHandler(gone -> callsEnded.incrementAndGet());
            events(request).write(CHUNK);
            streams.add(request.response());
        });
        Keys.Created good = key(ApiKey.Kind.API);
        Keys.Created bad = key(ApiKey.Kind.API);
        try (BufferedReader goes = stream(good);
                BufferedReader ends = stream(bad)) {
            assertThat(goes.readLine() + "\n\n").isEqualTo(CHUNK);
            assertThat(ends.readLine() + "\n\n").isEqualTo(CHUNK);
            long revoked = System.nanoTime();
            await(keys.revoke(bad.key().id()));
            StringBuilder rest = new StringBuilder();
            assertThatThrownBy(() -> {
                        for (String line = ends.readLine(); line != null; line = ends.readLine()) {
                            rest.append(line);
                        }
                    })
                    .as("an end that is none of a whole answer")
                    .isInstanceOf(IOException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(SOON);
            assertThat(rest).contains("data: {\"error\":{").contains("invalid_api_key");
            Eventually.is(callsEnded::get, 1);
            streams.forEach(stream -> {
                if (!stream.closed()) {
                    stream.end(DONE);
                }
            });
            assertThat(goes.lines()).contains(DONE.strip());
        }
    }

    @Test
    void anAnswerThatItWaitsForIsNotMadeAnyMore() throws Exception {
        chat.upstream().answer(request -> request.response().closeHandler(gone -> callsEnded.incrementAndGet()));
        Keys.Created bad = key(ApiKey.Kind.API);
        CompletableFuture<HttpResponse<InputStream>> answer =
                send(bad, "/v1/chat/completions", "application/json", BodyPublishers.ofString(REQUEST));
        Eventually.is(() -> chat.upstream().received().size(), 1);
        await(keys.revoke(bad.key().id()));
        assertThatThrownBy(() -> answer.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        Eventually.is(callsEnded::get, 1);
    }

    @Test
    void anUploadUnderWayEndsAndLeavesNothing() throws Exception {
        Keys.Created bad = key(ApiKey.Kind.API);
        String head = "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + bad.secret()
                + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000000\r\n\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n";
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), chat.gateway().url().getPort())) {
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getOutputStream().write((head + "{}\n".repeat(10_000)).getBytes(StandardCharsets.UTF_8));
            Eventually.until(SOON, "there is a blob", this::blobFiles, count -> count > 0);
            await(keys.revoke(bad.key().id()));
            assertThat(socket.getInputStream().read()).isNegative();
            Eventually.is(this::blobFiles, 0L);
        }
    }

    @Test
    void aWorkersWaitForWorkEnds() throws Exception {
        Keys.Created bad = key(ApiKey.Kind.WORKER);
        CompletableFuture<HttpResponse<InputStream>> claim = send(
                bad,
                "/worker/v1/claim",
                "application/json",
                BodyPublishers.ofString("{\"worker_id\":\"w-revoked\",\"kind\":\"train\",\"device\":\"cpu\","
                        + "\"memory_bytes\":1,\"models\":[{\"id\":\"base\",\"context_length\":128}],"
                        + "\"wait_seconds\":50}"));
        Eventually.is(
                () -> await(chat.gateway()
                                .database()
                                .database()
                                .pool()
                                .query("select id from workers where id = 'w-revoked'")
                                .execute())
                        .size(),
                1);
        await(keys.revoke(bad.key().id()));
        assertThatThrownBy(() -> claim.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    private long blobFiles() {
        try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
            return files.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Keys.Created key(ApiKey.Kind kind) {
        return await(keys.create("default", "", kind));
    }

    private BufferedReader stream(Keys.Created key) throws Exception {
        HttpResponse<InputStream> answer = send(
                        key, "/v1/chat/completions", "application/json", BodyPublishers.ofString(STREAMED))
                .get(1, TimeUnit.MINUTES);
        return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    private CompletableFuture<HttpResponse<InputStream>> send(
            Keys.Created key, String path, String contentType, BodyPublisher body) {
        HttpRequest request = HttpRequest.newBuilder(chat.gateway().url().resolve(path))
                .header("authorization", "Bearer " + key.secret())
                .header("content-type", contentType)
                .POST(body)
                .build();
        return http.sendAsync(request, BodyHandlers.ofInputStream());
    }
}

package dev.tunegate.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.TestWorker.Task;
import dev.tunegate.gateway.db.TableLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that close their half of the connection in the middle of an upload, or before anybody has read it. */
class HalfClosedUploadTest {
    private static final String HEAD =
            "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n";
    private static final String FORM = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n"
            + "x".repeat(3000) + "\r\n--b--\r\n";
    private static final String UPLOAD = HEAD + "Content-Length: " + FORM.length() + "\r\n\r\n" + FORM;
    private static final int WORKERS_BYTES = 9000;

    @TempDir
    private Path directory;

    private TestGateway gateway;

    @BeforeEach
    void start() {
        gateway = new TestGateway(directory);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void anUploadThatBreaksOffAnywhereLeavesNothing() {
        String chunked =
                HEAD + "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(FORM.length()) + "\r\n" + FORM;
        for (int end = HEAD.length(); end < UPLOAD.length(); end += 101) {
            sendAndHalfClose(UPLOAD.substring(0, end));
            sendAndHalfClose(chunked.substring(0, Math.min(end, chunked.length())));
        }
        requireNothing();
    }

    /** A request tells nobody of its broken connection while its caller is looked up: the pipe into the store waited for ever. */
    @Test
    void anUploadThatEndsBeforeItIsReadLeavesNothing() {
        try (TableLock lock = TableLock.onReading(gateway.database(), "api_keys")) {
            for (int end : new int[] {HEAD.length() + 500, UPLOAD.length() - 1, UPLOAD.length()}) {
                sendAndHalfClose(UPLOAD.substring(0, end));
            }
            Eventually.is(lock::waiting, 3L);
        }
        requireNothing();
    }

    private void requireNothing() {
        Eventually.is(this::stored, List.of());
        assertThat(gateway.client().get("/v1/files").json().path("data")).isEmpty();
        gateway.client().upload("fine-tune", "a.jsonl", "{}"); // behind which nothing older can be under way any more
        Eventually.is(() -> stored().size(), 1);
    }

    @Test
    void aWorkersUploadThatBreaksOffOrEndsBeforeItIsReadLeavesNothing() {
        TestWorker worker = gateway.worker("w", "base");
        String job = new JobClient(gateway.client()).create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        List<Path> before = stored();
        String head = "POST /worker/v1/jobs/" + job + "/blobs?attempt=" + task.attempt() + " HTTP/1.1\r\n"
                + "Host: localhost\r\nAuthorization: Bearer " + worker.key()
                + "\r\nContent-Type: application/octet-stream\r\nContent-Length: " + WORKERS_BYTES + "\r\n\r\n";
        for (int length = 0; length < WORKERS_BYTES; length += 900) {
            sendAndHalfClose(head + "x".repeat(length));
        }
        for (String table : List.of("api_keys", "tasks")) { // whose worker it is, and whose job
            try (TableLock lock = TableLock.onReading(gateway.database(), table)) {
                sendAndHalfClose(head + "x".repeat(WORKERS_BYTES / 2));
                sendAndHalfClose(head + "x".repeat(WORKERS_BYTES));
                Eventually.is(() -> lock.waiting() >= 1, true); // the other one may wait behind it, for the job
            }
        }
        Eventually.is(this::stored, before);
        assertThat(worker.upload(task, "all of it")).isNotEmpty();
        Eventually.is(() -> stored().size(), before.size() + 1);
    }

    /** Returns when the server has closed the connection, which it does when it sees the end of what is sent. */
    private void sendAndHalfClose(String request) {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.url().getPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> stored() {
        try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

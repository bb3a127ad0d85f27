package dev.tunegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.db.TestDatabase;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway as a process of its own, with a heap so small that a file which it kept in memory would end it. */
class ServeCommandTest {
    private static final int MEGABYTE = 1024 * 1024;
    private static final long UPLOAD = 400L * MEGABYTE;
    private static final String MAX_HEAP = "-Xmx64m";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    private Path directory;

    private TestDatabase database;
    private Process process;
    private URI url;

    @BeforeEach
    void start() throws Exception {
        database = new TestDatabase();
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                MAX_HEAP,
                "-XX:MaxDirectMemorySize=64m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve");
        builder.environment()
                .putAll(Map.of(
                        "TUNEGATE_PORT", "0",
                        "TUNEGATE_HOST", "127.0.0.1",
                        "TUNEGATE_TRAINERS", "0",
                        "TUNEGATE_DATA_DIR", directory.toString(),
                        "TUNEGATE_DATABASE_URL", database.url()));
        process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        Matcher line = Pattern.compile("Tunegate listens on (http://127\\.0\\.0\\.1:\\d+)/v1, its data is in (.*)")
                .matcher(String.valueOf(out.readLine()));
        assertThat(line.matches()).isTrue();
        assertThat(line.group(2)).isEqualTo(directory.toString());
        url = URI.create(line.group(1));
    }

    @AfterEach
    void stop() throws InterruptedException {
        process.destroyForcibly().waitFor();
        database.close();
    }

    @Test
    void anUploadOf400MegabytesFitsThroughASmallHeapAndSigtermEndsItInGoodOrder() throws Exception {
        HttpResponse<String> created = upload();
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        JsonNode file = new ObjectMapper().readTree(created.body());
        assertThat(file.path("bytes").asLong()).isEqualTo(UPLOAD);

        HttpResponse<InputStream> content = http.send(
                HttpRequest.newBuilder(
                                url.resolve("/v1/files/" + file.path("id").asText() + "/content"))
                        .build(),
                BodyHandlers.ofInputStream());
        try (InputStream bytes = content.body()) {
            assertThat(bytes.transferTo(OutputStream.nullOutputStream())).isEqualTo(UPLOAD);
        }

        process.destroy();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).isEqualTo(128 + 15);
        assertThat(directory.resolve("blobs/parts")).isEmptyDirectory();
    }

    private HttpResponse<String> upload() throws Exception {
        String head = "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.jsonl\"\r\n\r\n";
        HttpRequest request = HttpRequest.newBuilder(url.resolve("/v1/files"))
                .timeout(Duration.ofMinutes(2))
                .header("content-type", "multipart/form-data; boundary=b")
                .POST(BodyPublishers.ofInputStream(() -> new SequenceInputStream(
                        Collections.enumeration(List.of(ascii(head), new Repeated(UPLOAD), ascii("\r\n--b--\r\n"))))))
                .build();
        return http.send(request, BodyHandlers.ofString());
    }

    private static InputStream ascii(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** So many line ends, each of which could be the beginning of a boundary. */
    private static final class Repeated extends InputStream {
        private long left;

        Repeated(long length) {
            this.left = length;
        }

        @Override
        public int read() {
            return left-- > 0 ? '\r' : -1;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(length, left);
            Arrays.fill(bytes, offset, offset + count, (byte) '\r');
            left -= count;
            return count;
        }
    }
}

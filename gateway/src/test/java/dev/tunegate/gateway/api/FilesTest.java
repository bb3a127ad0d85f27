package dev.tunegate.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.TestGateway;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilesTest {
    private static final String LINE = "{\"messages\":[]}\n";

    @TempDir
    private static Path directory;

    private static TestGateway gateway;
    private static ApiClient client;

    @BeforeAll
    static void start() {
        gateway = new TestGateway(directory);
        client = gateway.client();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @Test
    void aFileGoesThroughItsLife() throws IOException {
        Answer created = client.upload("fine-tune", "train.jsonl", LINE);
        assertThat(created.status()).isEqualTo(200);
        String id = created.json().path("id").asText();
        assertThat(id).matches("file-[A-Za-z0-9]{24}");
        assertThat(created.body())
                .startsWith("{\"object\":\"file\",\"id\":\"" + id + "\",\"purpose\":\"fine-tune\","
                        + "\"filename\":\"train.jsonl\",\"bytes\":" + LINE.length() + ",\"created_at\":")
                .endsWith("\"expires_at\":null,\"status\":\"processed\",\"status_details\":null}");

        assertThat(client.get("/v1/files/" + id).body()).isEqualTo(created.body());
        Answer content = client.get("/v1/files/" + id + "/content");
        assertThat(content.body()).isEqualTo(LINE);
        assertThat(content.header("content-disposition")).isEqualTo("attachment; filename=\"train.jsonl\"");
        assertThat(content.header("content-length")).isEqualTo(Integer.toString(LINE.length()));

        int blobs = blobs();
        assertThat(client.delete("/v1/files/" + id).body())
                .isEqualTo("{\"object\":\"file\",\"deleted\":true,\"id\":\"" + id + "\"}");
        assertThat(blobs()).isEqualTo(blobs - 1);
        Answer gone = client.get("/v1/files/" + id);
        assertThat(gone.status()).isEqualTo(404);
        assertThat(gone.error("message")).isEqualTo("No such File object: " + id);
        assertThat(gone.error("param")).isEqualTo("id");
        assertThat(client.get("/v1/files/" + id + "/content").status()).isEqualTo(404);
        assertThat(client.delete("/v1/files/" + id).status()).isEqualTo(404);
    }

    @Test
    void theListIsPagedBothWaysToItsEnd() {
        List<String> ids = Stream.of("a", "b", "c")
                .map(name ->
                        client.upload("user_data", name, name).json().path("id").asText())
                .toList();
        Answer first = client.get("/v1/files?purpose=user_data&limit=2");
        assertThat(first.json().path("data").findValuesAsText("id")).containsExactly(ids.get(2), ids.get(1));
        assertThat(first.json().path("has_more").asBoolean()).isTrue();
        assertThat(first.json().path("last_id").asText()).isEqualTo(ids.get(1));
        Answer second = client.get("/v1/files?purpose=user_data&limit=2&after=" + ids.get(1));
        assertThat(second.json().path("data").findValuesAsText("id")).containsExactly(ids.get(0));
        assertThat(second.json().path("has_more").asBoolean()).isFalse();
        Answer behind = client.get("/v1/files?purpose=user_data&after=" + ids.get(0));
        assertThat(behind.body())
                .isEqualTo("{\"object\":\"list\",\"data\":[],\"first_id\":null,\"last_id\":null,\"has_more\":false}");
        Answer ascending = client.get("/v1/files?purpose=user_data&order=asc&after=" + ids.get(0));
        assertThat(ascending.json().path("data").findValuesAsText("id")).containsExactly(ids.get(1), ids.get(2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/files?limit=0    | limit",
                "/v1/files?limit=10001| limit",
                "/v1/files?limit=ten  | limit",
                "/v1/files?order=up   | order"
            })
    void aListRefusesParametersOutOfRange(String path, String parameter) {
        Answer answer = client.get(path);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo(parameter);
    }

    @Test
    void anUploadIsRefusedWithOpenAisMessages() throws IOException {
        int before = blobs();
        assertThat(client.upload("other", "a.jsonl", LINE).error("message"))
                .isEqualTo("'other' is not one of ['fine-tune', 'assistants', 'batch', 'user_data', 'vision', 'evals']"
                        + " - 'purpose'");
        assertThat(client.upload("fine-tune", "a.csv", LINE).error("message"))
                .isEqualTo("Invalid file format for Fine-Tuning API. Must be .jsonl");
        assertThat(form("name=\"file\"; filename=\"a.jsonl\"", LINE).error("message"))
                .isEqualTo("'purpose' is a required property");
        assertThat(form("name=\"purpose\"", "fine-tune").error("message")).isEqualTo("'file' is a required property");
        assertThat(client.post("/v1/files", "{}").error("message")).contains("multipart/form-data");
        assertThat(blobs()).isEqualTo(before);
    }

    @Test
    void theFilePartMayComeFirstAndWithoutAName() {
        Answer answer = form("name=\"file\"", LINE, "name=\"purpose\"", "fine-tune");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("filename").asText()).isEqualTo("upload.jsonl");
        String id = answer.json().path("id").asText();
        assertThat(client.get("/v1/files/" + id + "/content").body()).isEqualTo(LINE);
    }

    @Test
    void anEncodedNameComesBackAsItWas() {
        Answer answer = form(
                "name=\"file\"; filename=\"=?utf-8?B?eA==?=\"; filename*=UTF-8''d%C3%A4ten%22%0d%0a.jsonl",
                LINE, "name=purpose", "fine-tune");
        assertThat(answer.json().path("filename").asText()).isEqualTo("däten\".jsonl");
        String id = answer.json().path("id").asText();
        assertThat(client.get("/v1/files/" + id + "/content").header("content-disposition"))
                .isEqualTo("attachment; filename=\"d_ten_.jsonl\"; filename*=UTF-8''d%C3%A4ten%22.jsonl");
    }

    @Test
    void directoriesInANameAreDropped() {
        assertThat(client.upload("fine-tune", "../../etc/x.jsonl", LINE)
                        .json()
                        .path("filename")
                        .asText())
                .isEqualTo("x.jsonl");
    }

    @Test
    void anEmptyAndABinaryFileAreStoredAsTheyAre() {
        assertThat(client.upload("fine-tune", "empty.jsonl", "")
                        .json()
                        .path("bytes")
                        .asInt())
                .isZero();
        String binary = "\r\n--\0\r\n----boundary123\r\n\u007f";
        Answer created = client.upload("fine-tune", "binary.jsonl", binary);
        assertThat(client.get("/v1/files/" + created.json().path("id").asText() + "/content")
                        .body())
                .isEqualTo(binary);
    }

    @Test
    void aFileExpires() {
        Answer answer = form(
                "name=\"purpose\"", "fine-tune",
                "name=\"expires_after[anchor]\"", "created_at",
                "name=\"expires_after[seconds]\"", "3600",
                "name=\"file\"; filename=\"a.jsonl\"", LINE);
        long created = answer.json().path("created_at").asLong();
        assertThat(answer.json().path("expires_at").asLong()).isEqualTo(created + 3600);
        String id = answer.json().path("id").asText();
        gateway.database().advance(Duration.ofMinutes(61));
        assertThat(client.get("/v1/files/" + id).status()).isEqualTo(404);
    }

    @Test
    void anExpiryOutOfRangeIsRefused() {
        Answer answer = form(
                "name=\"purpose\"", "fine-tune",
                "name=\"expires_after[anchor]\"", "created_at",
                "name=\"expires_after[seconds]\"", "3599",
                "name=\"file\"; filename=\"a.jsonl\"", LINE);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("3600").contains("2592000");
    }

    @Test
    void anAbortedUploadLeavesNothingBehind() throws IOException {
        int before = blobs();
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), gateway.url().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                            + "Content-Length: 1000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.write(new byte[300_000]);
            out.flush();
            Eventually.is(() -> entries(directory.resolve("blobs/parts")), 1);
        }
        Eventually.is(() -> entries(directory.resolve("blobs/parts")), 0);
        assertThat(blobs()).isEqualTo(before);
    }

    @Test
    void aFormWithoutItsEndIsRefusedAndLeavesNothingBehind() throws IOException {
        int before = blobs();
        Answer answer = client.form(
                "b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\nsome text");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).contains("closing boundary");
        assertThat(blobs()).isEqualTo(before);
        assertThat(entries(directory.resolve("blobs/parts"))).isZero();
    }

    @Test
    void aBodyThatIsNoFormAtAllIsRefused() {
        Answer answer = client.send(
                "POST", "/v1/files", "multipart/form-data; boundary=b", BodyPublishers.ofByteArray(new byte[1000]));
        assertThat(answer.status()).isEqualTo(400);
    }

    private static Answer form(String... partsAndContents) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < partsAndContents.length; i += 2) {
            form.append("--b\r\nContent-Disposition: form-data; ")
                    .append(partsAndContents[i])
                    .append("\r\n\r\n")
                    .append(partsAndContents[i + 1])
                    .append("\r\n");
        }
        return client.form("\"b\"", form + "--b--\r\n");
    }

    private static int blobs() throws IOException {
        return entries(directory.resolve("blobs"));
    }

    private static int entries(Path path) {
        try (Stream<Path> entries = Files.list(path)) {
            return (int) entries.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

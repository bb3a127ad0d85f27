package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Speaks the worker protocol as a trainer does, one call at a time, with models of its own, and as the contract has it. */
public final class TestWorker {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ApiClient client;
    private final String key;
    private final String id;
    private final String model;

    TestWorker(ApiClient client, String key, String id, String model) {
        this.client = client;
        this.key = key;
        this.id = id;
        this.model = model;
    }

    /** A claimed task, and how many events of this attempt were reported. */
    public record Task(JsonNode json) {
        public String job() {
            return json.path("job_id").asText();
        }

        public int attempt() {
            return json.path("attempt").asInt();
        }
    }

    /** The same worker, speaking wrongly where a test wants to see that refused. */
    public TestWorker unchecked() {
        return new TestWorker(client.notCheckingRequests(), key, id, model);
    }

    public ApiClient client() {
        return client;
    }

    /** The worker token it uses. */
    public String key() {
        return key;
    }

    /** Looks once, without waiting. */
    public Optional<Task> claim(String kind) {
        return claim(kind, 0);
    }

    public Optional<Task> claim(String kind, int waitSeconds) {
        Answer answer = client.post("/worker/v1/claim", claimBody(kind, waitSeconds));
        assertThat(answer.status()).isIn(200, 204);
        return answer.status() == 204 ? Optional.empty() : Optional.of(new Task(answer.json()));
    }

    public String claimBody(String kind, int waitSeconds) {
        ObjectNode body = JSON.createObjectNode()
                .put("worker_id", id)
                .put("kind", kind)
                .put("device", "cpu")
                .put("memory_bytes", 1 << 30)
                .put("inference_url", "http://127.0.0.1:9/")
                .put("wait_seconds", waitSeconds);
        body.putArray("models").addObject().put("id", model).put("context_length", 128);
        return body.toString();
    }

    /** Claims a task that must be there. */
    public Task mustClaim(String kind) {
        return claim(kind).orElseThrow(() -> new AssertionError("no task to " + kind));
    }

    /** Checks the oldest new job's files and finds them in order. */
    public void validate() {
        assertThat(finish(mustClaim("validate"), "validated").status()).isEqualTo(200);
    }

    public static ObjectNode metrics(int step, double loss) {
        ObjectNode event = JSON.createObjectNode()
                .put("level", "info")
                .put("type", "metrics")
                .put("message", "Step " + step + "/4: training loss=" + loss);
        event.putObject("data").put("step", step).put("total_steps", 4).put("train_loss", loss);
        return event;
    }

    public static ObjectNode message(String text) {
        return JSON.createObjectNode()
                .put("level", "info")
                .put("type", "message")
                .put("message", text);
    }

    public Answer progress(Task task, int firstSeq, JsonNode... events) {
        ObjectNode body = JSON.createObjectNode().put("attempt", task.attempt()).put("first_seq", firstSeq);
        ArrayNode list = body.putArray("events");
        for (JsonNode event : events) {
            list.add(event);
        }
        return post(task, "/progress", body);
    }

    public Answer post(Task task, String path, JsonNode body) {
        return client.post("/worker/v1/jobs/" + task.job() + path, body.toString());
    }

    /** Uploads bytes; the blob's id. */
    public String upload(Task task, String bytes) {
        Answer answer = tryUpload(task, bytes);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("blob_id").asText();
    }

    public Answer tryUpload(Task task, String bytes) {
        return tryUpload(task, bytes.getBytes(StandardCharsets.UTF_8));
    }

    private Answer tryUpload(Task task, byte[] bytes) {
        return client.send(
                "POST",
                "/worker/v1/jobs/" + task.job() + "/blobs?attempt=" + task.attempt(),
                "application/octet-stream",
                BodyPublishers.ofByteArray(bytes));
    }

    public Answer readBlob(Task task, String blob) {
        return client.get("/worker/v1/jobs/" + task.job() + "/blobs/" + blob + "?attempt=" + task.attempt());
    }

    public Answer readFile(Task task, String file) {
        return client.get("/worker/v1/jobs/" + task.job() + "/files/" + file + "?attempt=" + task.attempt());
    }

    public Answer commit(Task task, int step, String resumeBlob, @Nullable String adapterBlob) {
        ObjectNode body = JSON.createObjectNode()
                .put("attempt", task.attempt())
                .put("step", step)
                .put("resume_blob", resumeBlob)
                .put("adapter_blob", adapterBlob);
        body.putObject("metrics").put("step", step).put("train_loss", 0.5);
        return post(task, "/checkpoints", body);
    }

    /** Uploads and commits a checkpoint that clients see. */
    public void checkpoint(Task task, int step) {
        Answer answer = commit(task, step, upload(task, "resume " + step), upload(task, "adapter " + step));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    public Answer finish(Task task, String outcome) {
        return finish(task, JSON.createObjectNode().put("outcome", outcome));
    }

    public Answer finish(Task task, ObjectNode body) {
        return post(task, "/finish", body.put("attempt", task.attempt()));
    }

    public Answer fail(Task task, String code, String message) {
        ObjectNode body = JSON.createObjectNode().put("outcome", "failed");
        body.putObject("error").put("code", code).put("message", message).put("param", "training_file");
        return finish(task, body);
    }

    /** Uploads adapter and metrics, and finishes. */
    public Answer succeed(Task task) {
        return succeed(task, "final adapter".getBytes(StandardCharsets.UTF_8));
    }

    public Answer succeed(Task task, byte[] adapter) {
        Answer uploaded = tryUpload(task, adapter);
        assertThat(uploaded.status()).as(uploaded.body()).isEqualTo(200);
        ObjectNode body = JSON.createObjectNode()
                .put("outcome", "succeeded")
                .put("adapter_blob", uploaded.json().path("blob_id").asText())
                .put("trained_tokens", 1234);
        body.putArray("result_files")
                .addObject()
                .put("filename", "step_metrics.csv")
                .put("blob_id", upload(task, "step,train_loss\n"));
        return finish(task, body);
    }

    public static String directive(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().path("directive").asText();
    }
}

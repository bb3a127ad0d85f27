package dev.tunegate.trainer.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tunegate.trainer.checkpoint.DiskFull;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.worker.GatewayException.Refused;
import dev.tunegate.trainer.worker.GatewayException.StaleAttempt;
import dev.tunegate.trainer.worker.GatewayException.Unavailable;
import dev.tunegate.trainer.worker.Protocol.Blob;
import dev.tunegate.trainer.worker.Protocol.CheckpointCommit;
import dev.tunegate.trainer.worker.Protocol.ClaimRequest;
import dev.tunegate.trainer.worker.Protocol.DirectiveAnswer;
import dev.tunegate.trainer.worker.Protocol.FineTunedModel;
import dev.tunegate.trainer.worker.Protocol.Finish;
import dev.tunegate.trainer.worker.Protocol.Progress;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * One call of /worker/v1 per method, tried once; {@link Retry} is what tries again. Throws {@link Unavailable} where
 * another try may help, {@link StaleAttempt} where the task is lost, {@link Refused} for everything else. A call is bounded
 * as a whole, a transfer of bytes by how long nothing moves; its {@link Stop} ends it at once.
 */
public final class GatewayClient {
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

    /** A transfer in which no byte has moved for so long has failed. */
    private static final Duration TRANSFER_SILENCE = Duration.ofSeconds(30);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final String base;
    private final String authorization;
    private final HttpClient http;
    private final Duration silence;

    /**
     * @param gateway such as {@code http://localhost:8080}
     * @param token the worker token
     */
    public GatewayClient(URI gateway, String token) {
        this(gateway, token, TRANSFER_SILENCE);
    }

    /** @param silence in a transfer; longer ones end it */
    GatewayClient(URI gateway, String token, Duration silence) {
        this.silence = silence;
        this.base = gateway.toString().replaceFirst("/+$", "") + "/worker/v1";
        this.authorization = "Bearer " + token;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** Waits up to {@code request.waitSeconds()} for a task. */
    public Optional<Task> claim(ClaimRequest request) throws GatewayException, InterruptedException {
        Duration timeout = CALL_TIMEOUT.plusSeconds(request.waitSeconds());
        byte[] body = call(post("/claim", json(request)), timeout, Stop.NEVER);
        return body.length == 0 ? Optional.empty() : Optional.of(parse(body, Task.class));
    }

    /** Copies a file of the job to {@code target}. */
    public void downloadFile(Task task, String fileId, Path target, Stop stop)
            throws IOException, InterruptedException {
        download(jobPath(task.jobId(), "/files/" + encoded(fileId)) + attempt(task), target, stop);
    }

    /** Copies a blob of the job, such as its resume state, to {@code target}. */
    public void downloadBlob(Task task, String blobId, Path target, Stop stop)
            throws IOException, InterruptedException {
        download(jobPath(task.jobId(), "/blobs/" + encoded(blobId)) + attempt(task), target, stop);
    }

    /**
     * Renews the lease and brings back what to do.
     *
     * @param patience how long to wait for the answer at most
     */
    public DirectiveAnswer progress(String jobId, Progress progress, Duration patience)
            throws GatewayException, InterruptedException {
        return report(jobPath(jobId, "/progress"), progress, patience, Stop.NEVER);
    }

    /** Streams a file to the gateway. */
    public Blob uploadBlob(Task task, Path file, Stop stop) throws GatewayException, InterruptedException {
        String path = jobPath(task.jobId(), "/blobs") + attempt(task);
        Watch watch = new Watch(silence, stop);
        BodyPublisher body;
        try {
            body = new UploadBody(file, watch, silence);
        } catch (FileNotFoundException e) {
            throw new UncheckedIOException("a file to upload is gone: " + file, e);
        }
        HttpRequest request = post(path, body, "application/octet-stream").build();
        return parse(send(request, info -> BodySubscribers.ofByteArray(), watch), Blob.class);
    }

    /** Records a checkpoint whose blobs are uploaded. */
    public DirectiveAnswer commitCheckpoint(String jobId, CheckpointCommit commit, Stop stop)
            throws GatewayException, InterruptedException {
        return report(jobPath(jobId, "/checkpoints"), commit, CALL_TIMEOUT, stop);
    }

    /** Tells how the task ended. */
    public void finish(String jobId, Finish finish) throws GatewayException, InterruptedException {
        call(post(jobPath(jobId, "/finish"), json(finish)), CALL_TIMEOUT, Stop.NEVER);
    }

    /** The base model of a fine-tuned model or checkpoint. */
    public FineTunedModel describeModel(String model) throws GatewayException, InterruptedException {
        HttpRequest.Builder request = request("/models/" + encoded(model)).GET();
        return parse(call(request, CALL_TIMEOUT, Stop.NEVER), FineTunedModel.class);
    }

    /** Copies a fine-tuned model's adapter to {@code target}: a zip, unpacked by {@code AdapterZip}. */
    public void downloadAdapter(String model, Path target) throws IOException, InterruptedException {
        download("/models/" + encoded(model) + "/adapter", target, Stop.NEVER);
    }

    private DirectiveAnswer report(String path, Object message, Duration timeout, Stop stop)
            throws GatewayException, InterruptedException {
        return parse(call(post(path, json(message)), timeout, stop), DirectiveAnswer.class);
    }

    private byte[] call(HttpRequest.Builder request, Duration timeout, Stop stop)
            throws GatewayException, InterruptedException {
        return send(request.build(), info -> BodySubscribers.ofByteArray(), new Watch(timeout, stop));
    }

    private void download(String path, Path target, Stop stop) throws IOException, InterruptedException {
        Watch watch = new Watch(silence, stop);
        try {
            // A refusal's body is kept for its message; only a 2xx answer goes to the file.
            send(
                    request(path).GET().build(),
                    info -> succeeded(info.statusCode())
                            ? new DownloadBody(target, watch, silence)
                            : BodySubscribers.ofByteArray(),
                    watch);
        } catch (Unavailable e) {
            if (e.getCause() instanceof DownloadBody.NotWritten notWritten) {
                throw notWritten;
            }
            throw e;
        }
    }

    /** The body of a 2xx answer. */
    private byte[] send(HttpRequest request, BodyHandler<byte[]> handler, Watch watch)
            throws GatewayException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request, handler);
        HttpResponse<byte[]> response;
        try {
            response = watch.await(exchange);
        } catch (TimeoutException e) {
            throw new Unavailable("The gateway at %s has stopped answering".formatted(base), e);
        } catch (ExecutionException e) {
            if (DiskFull.is(e)) {
                throw new Unavailable("This worker's disk is full: make room on it", e);
            }
            throw new Unavailable("The gateway at %s is not reachable: %s".formatted(base, reason(e)), cause(e));
        } finally {
            exchange.cancel(true);
        }
        if (!succeeded(response.statusCode())) {
            throw refusal(response);
        }
        return response.body();
    }

    private GatewayException refusal(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        String message = "The gateway at %s answered %d".formatted(base, status);
        String code = "";
        try {
            JsonNode error = JSON.readTree(response.body()).path("error");
            code = error.path("code").asText("");
            if (error.path("message").isTextual()) {
                message += ": " + error.path("message").textValue();
            }
        } catch (IOException e) {
            // This is some proxy's page instead of the gateway's JSON: the status alone has to do.
            message += " without an error object";
        }
        if (status == 409 && code.equals("stale_attempt")) {
            return new StaleAttempt(message);
        }
        return status == 408 || status == 429 || status >= 500
                ? new Unavailable(message)
                : new Refused(status, message);
    }

    private static boolean succeeded(int status) {
        return status / 100 == 2;
    }

    private HttpRequest.Builder post(String path, BodyPublisher json) {
        return post(path, json, "application/json");
    }

    private HttpRequest.Builder post(String path, BodyPublisher body, String contentType) {
        return request(path).POST(body).header("Content-Type", contentType);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).header("Authorization", authorization);
    }

    private BodyPublisher json(Object message) {
        try {
            return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(message));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not writable as JSON: " + message, e);
        }
    }

    private <T> T parse(byte[] body, Class<T> type) throws Unavailable {
        try {
            return JSON.readValue(body, type);
        } catch (IOException e) {
            throw new Unavailable(
                    "The gateway at %s answered with something else than a %s".formatted(base, type.getSimpleName()),
                    e);
        }
    }

    private static String jobPath(String jobId, String rest) {
        return "/jobs/" + encoded(jobId) + rest;
    }

    private static String attempt(Task task) {
        return "?attempt=" + task.attempt();
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static Throwable cause(ExecutionException e) {
        Throwable cause = e.getCause();
        return cause != null ? cause : e;
    }

    private static String reason(ExecutionException e) {
        Throwable cause = cause(e);
        return cause.getMessage() != null
                ? cause.getMessage()
                : cause.getClass().getSimpleName();
    }
}

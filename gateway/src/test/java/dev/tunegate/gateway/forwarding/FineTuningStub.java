package dev.tunegate.gateway.forwarding;

import static dev.tunegate.gateway.Listening.listening;
import static dev.tunegate.gateway.db.Await.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stub of a host with OpenAI's files and fine-tuning jobs, which do what the test says and otherwise nothing. */
final class FineTuningStub implements AutoCloseable {
    static final String KEY = "sk-ours-0123456789abcdef";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vertx vertx = Vertx.vertx();
    private final AtomicInteger ids = new AtomicInteger();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final Map<String, String> files = new ConcurrentHashMap<>();
    private final List<ObjectNode> jobs = new CopyOnWriteArrayList<>();
    private final List<ObjectNode> events = new CopyOnWriteArrayList<>();
    private final List<ObjectNode> checkpoints = new CopyOnWriteArrayList<>();
    private volatile String misbehavesAt = "nowhere";
    private volatile Consumer<HttpServerRequest> misbehaviour = request -> {};
    private volatile boolean losesAnswers;
    private HttpServer server;

    FineTuningStub() {
        server = listen(0);
    }

    private HttpServer listen(int port) {
        return listening(
                vertx,
                () -> vertx.createHttpServer().requestHandler(this::handle).listen(port, "127.0.0.1"));
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/v1";
    }

    Vertx vertx() {
        return vertx;
    }

    void stop() {
        await(server.shutdown(0, TimeUnit.SECONDS));
    }

    void startAgain() {
        server = listen(server.actualPort());
    }

    /** Requests that begin so get this instead of an answer. */
    void misbehaveAt(String methodAndPath, Consumer<HttpServerRequest> answer) {
        misbehaviour = answer;
        misbehavesAt = methodAndPath;
    }

    void behave() {
        misbehavesAt = "nowhere";
        losesAnswers = false;
    }

    /** Jobs are created, and the connection breaks before anybody is told. */
    void loseAnswersToCreations() {
        losesAnswers = true;
    }

    long count(String methodAndPath) {
        return requests.stream()
                .filter(request -> request.startsWith(methodAndPath))
                .count();
    }

    List<String> authorizations() {
        return authorizations;
    }

    Map<String, String> files() {
        return files;
    }

    List<ObjectNode> jobs() {
        return jobs;
    }

    ObjectNode job() {
        return jobs.get(0);
    }

    /** Something happens to the one job there is. */
    void event(String level, String message, @Nullable ObjectNode data) {
        events.add(JSON.createObjectNode()
                .put("object", "fine_tuning.job.event")
                .put("id", "ftevent-" + ids.incrementAndGet())
                .put("created_at", 1_700_000_000 + ids.get())
                .put("level", level)
                .put("type", data == null ? "message" : "metrics")
                .put("message", message)
                .set("data", data == null ? JSON.createObjectNode() : data));
    }

    void checkpoint(int step, String model) {
        checkpoint(step, model, 0.25);
    }

    /** An infinite loss is sent as a number too large for any type. */
    void checkpoint(int step, String model, double loss) {
        ObjectNode checkpoint = JSON.createObjectNode()
                .put("object", "fine_tuning.job.checkpoint")
                .put("id", "ftckpt_" + ids.incrementAndGet())
                .put("created_at", 1_700_000_000)
                .put("fine_tuned_model_checkpoint", model)
                .put("step_number", step);
        checkpoint
                .putObject("metrics")
                .put("step", step)
                .put("train_loss", loss)
                .putNull("valid_loss");
        checkpoints.add(0, checkpoint);
    }

    void forgetCheckpoint(int step) {
        checkpoints.removeIf(checkpoint -> checkpoint.path("step_number").asInt() == step);
    }

    void status(String status) {
        job().put("status", status);
    }

    void succeed(String model, String metrics) {
        files.put("file-result", metrics);
        ObjectNode job = job().put("fine_tuned_model", model).put("trained_tokens", 4321);
        job.putArray("result_files").add("file-result");
        job.withObjectProperty("method")
                .putObject("supervised")
                .putObject("hyperparameters")
                .put("n_epochs", 3)
                .put("batch_size", 1)
                .put("learning_rate_multiplier", 1.8);
        status("succeeded");
    }

    private void handle(HttpServerRequest request) {
        String what = request.method() + " " + String.valueOf(request.path()).substring("/v1".length());
        requests.add(what);
        authorizations.add(String.valueOf(request.getHeader("authorization")));
        if (what.startsWith(misbehavesAt)) {
            misbehaviour.accept(request);
            return;
        }
        request.body().onSuccess(body -> {
            try {
                answer(request, what, body);
            } catch (IOException e) {
                json(request, 500, JSON.createObjectNode());
            }
        });
    }

    private void answer(HttpServerRequest request, String what, Buffer body) throws IOException {
        String[] parts = what.split("/", -1);
        if (what.equals("POST /files")) {
            upload(request, body);
        } else if (what.startsWith("GET /files/")) {
            file(request, parts[2], parts.length > 3);
        } else if (what.equals("POST /fine_tuning/jobs")) {
            create(request, JSON.readTree(body.getBytes()));
        } else if (what.equals("GET /fine_tuning/jobs")) {
            list(request, jobs, false);
        } else if (what.startsWith("DELETE /models/")) {
            json(request, 200, JSON.createObjectNode().put("id", parts[2]).put("deleted", true));
        } else if (parts.length == 4) {
            json(request, 200, job());
        } else {
            switch (parts[4]) {
                case "events" -> list(request, events, true);
                case "checkpoints" -> list(request, checkpoints, false);
                case "cancel" -> ordered(request, "cancelled");
                case "pause" -> ordered(request, "paused");
                case "resume" -> ordered(request, "queued");
                default -> json(request, 404, error("no such thing", null));
            }
        }
    }

    private void ordered(HttpServerRequest request, String status) {
        status(status);
        json(request, 200, job());
    }

    private void upload(HttpServerRequest request, Buffer body) {
        String text = body.toString();
        int begin = text.indexOf("\r\n\r\n", text.indexOf("name=\"file\"")) + 4;
        String content = text.substring(begin, text.lastIndexOf("\r\n--"));
        String id = "file-there" + ids.incrementAndGet();
        files.put(id, content);
        json(request, 200, fileObject(id));
    }

    private void file(HttpServerRequest request, String id, boolean isContent) {
        String content = files.get(id);
        if (content == null) {
            json(request, 404, error("No such File object: " + id, "id"));
        } else if (isContent) {
            request.response()
                    .putHeader("content-type", "application/octet-stream")
                    .end(content);
        } else {
            json(request, 200, fileObject(id));
        }
    }

    private ObjectNode fileObject(String id) {
        String content = files.getOrDefault(id, "");
        return JSON.createObjectNode()
                .put("object", "file")
                .put("id", id)
                .put("filename", "step_metrics.csv")
                .put("bytes", content.getBytes(StandardCharsets.UTF_8).length);
    }

    private void create(HttpServerRequest request, JsonNode body) {
        ObjectNode job = JSON.createObjectNode()
                .put("object", "fine_tuning.job")
                .put("id", "ftjob-there" + ids.incrementAndGet())
                .put("status", "validating_files");
        job.setAll((ObjectNode) body);
        jobs.add(job);
        event("info", "Created fine-tuning job: " + job.path("id").asText(), null);
        if (losesAnswers) {
            request.connection().close();
        } else {
            json(request, 200, job);
        }
    }

    /** Newest first, as OpenAI lists; at most three a page, so that there are pages. */
    private static void list(HttpServerRequest request, List<ObjectNode> oldestFirst, boolean reversed) {
        ObjectNode list = JSON.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        String after = request.getParam("after");
        boolean skips = after != null;
        for (int i = 0; i < oldestFirst.size() && data.size() < 3; i++) {
            ObjectNode item = oldestFirst.get(reversed ? oldestFirst.size() - 1 - i : i);
            if (!skips) {
                data.add(item);
            }
            skips = skips && !item.path("id").asText().equals(after);
        }
        boolean hasMore = !data.isEmpty()
                && !data.get(data.size() - 1).equals(oldestFirst.get(reversed ? 0 : oldestFirst.size() - 1));
        json(request, 200, list.put("has_more", hasMore));
    }

    static ObjectNode error(String message, @Nullable String param) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error")
                .put("message", message)
                .put("type", "invalid_request_error")
                .put("param", param)
                .put("code", "their_code");
        return error;
    }

    static void json(HttpServerRequest request, int status, JsonNode body) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(body.toString().replace("\"Infinity\"", "1e999").replace("Infinity", "1e999"));
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}

package dev.tunegate.trainer.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tunegate.trainer.worker.WorkerContract.Message;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A stub of the gateway's side of /worker/v1 with one attempt and no database: it keeps what a worker sends, and loses
 * answers, is away, or takes the task away on command. Whatever is said against openapi.yaml, by either side, fails the
 * test.
 */
final class StubGateway implements AutoCloseable {
    static final String TOKEN = "worker-token";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final WorkerContract contract = new WorkerContract();
    private final Map<String, byte[]> blobs = new HashMap<>();
    private final Map<String, byte[]> files = new HashMap<>();
    private final Map<String, String> models = new HashMap<>();
    private final Queue<ObjectNode> tasks = new ArrayDeque<>();
    private final List<JsonNode> events = new ArrayList<>();
    private final List<JsonNode> progress = new ArrayList<>();
    private final List<JsonNode> checkpoints = new ArrayList<>();
    private final List<JsonNode> claims = new ArrayList<>();
    private @Nullable JsonNode finish;
    private String directive = "continue";
    private int leaseSeconds = 60;
    private boolean stale;
    private int answersToLose;
    private int requestsToRefuse;
    private int requestsToHold;
    private int uploadsToRefuse;
    private String pathToHold = "none";
    private int held;

    StubGateway() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/worker/v1/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://localhost:" + server.getAddress().getPort());
    }

    /** The next so many requests are received, but their answers are lost on the way. */
    synchronized void loseAnswers(int count) {
        answersToLose = count;
    }

    /** The next so many requests are answered 503 and otherwise ignored. */
    synchronized void beAway(int requests) {
        requestsToRefuse = requests;
    }

    /** The next so many uploads find the gateway's disk full. */
    synchronized void beFull(int uploads) {
        uploadsToRefuse = uploads;
    }

    /** The next so many requests are received and never answered. */
    synchronized void hold(int requests) {
        requestsToHold = requests;
    }

    /** Requests whose path has this part in it are received and never answered. */
    synchronized void hold(String partOfPath) {
        pathToHold = partOfPath;
    }

    /** How many requests were received and not answered. */
    synchronized int held() {
        return held;
    }

    /** How long the lease runs after each report. */
    synchronized void grantLease(int seconds) {
        leaseSeconds = seconds;
    }

    /** The lease went to somebody else. */
    synchronized void takeTaskAway() {
        stale = true;
    }

    synchronized void direct(String newDirective) {
        directive = newDirective;
    }

    synchronized void offer(String kind, String jobId, ObjectNode job, @Nullable ObjectNode resume) {
        ObjectNode task = JSON.createObjectNode();
        task.put("kind", kind).put("job_id", jobId).put("attempt", 1).put("lease_seconds", leaseSeconds);
        task.set("job", job);
        task.set("resume", resume);
        tasks.add(task);
        notifyAll();
    }

    synchronized void addFile(String id, String content) {
        files.put(id, content.getBytes(UTF_8));
    }

    /** A fine-tuned model and the zip of its adapter. */
    synchronized void addModel(String name, String baseModel, byte[] adapter) {
        models.put(name, baseModel);
        blobs.put(name, adapter);
    }

    synchronized List<String> messages() {
        return events.stream().map(event -> event.get("message").textValue()).toList();
    }

    synchronized List<JsonNode> events() {
        return List.copyOf(events);
    }

    synchronized List<JsonNode> progress() {
        return List.copyOf(progress);
    }

    synchronized List<JsonNode> checkpoints() {
        return List.copyOf(checkpoints);
    }

    synchronized List<JsonNode> claims() {
        return List.copyOf(claims);
    }

    synchronized byte[] blob(String id) {
        byte[] blob = blobs.get(id);
        if (blob == null) {
            throw new AssertionError("no blob " + id);
        }
        return blob;
    }

    /** Waits until the task has ended. */
    synchronized JsonNode awaitFinish() throws InterruptedException {
        await(() -> finish != null);
        return Objects.requireNonNull(finish);
    }

    /** Waits until a request has made the condition true. */
    synchronized void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        contract.requireKept();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("the worker did not get there within a minute");
            }
            wait(1_000);
            contract.requireKept();
        }
    }

    synchronized int uploadsToRefuse() {
        return uploadsToRefuse;
    }

    synchronized boolean finished() {
        return finish != null;
    }

    /** Begins a new attempt's reports; blobs stay. */
    synchronized void forget() {
        events.clear();
        progress.clear();
        checkpoints.clear();
        finish = null;
    }

    @Override
    public void close() {
        server.stop(0);
        contract.requireKept();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        URI uri = exchange.getRequestURI();
        byte[] body = exchange.getRequestBody().readAllBytes();
        String sent = exchange.getRequestHeaders().getFirst("Content-Type");
        contract.checkRequest(new Message(method, uri, sent, ByteBuffer.wrap(body)));
        Answer answer;
        try {
            answer = take(exchange, body);
        } catch (RuntimeException e) {
            contract.fault("%s %s: %s".formatted(method, uri, e));
            answer = error(500, "stub_failed");
        }
        contract.checkAnswer(answer.status, new Message(method, uri, answer.contentType, answer.body));
        if (answer.held) {
            return;
        }
        if (!answer.lost) {
            if (answer.contentType != null) {
                exchange.getResponseHeaders().set("Content-Type", answer.contentType);
            }
            int length = answer.body.remaining();
            exchange.sendResponseHeaders(answer.status, length == 0 ? -1 : length);
            Channels.newChannel(exchange.getResponseBody()).write(answer.body);
        }
        exchange.close();
    }

    private synchronized Answer take(HttpExchange exchange, byte[] body) throws IOException {
        notifyAll();
        if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return error(401, "invalid_api_key");
        }
        if (requestsToRefuse > 0) {
            requestsToRefuse--;
            return error(503, "unavailable");
        }
        Answer answer = answer(exchange.getRequestURI().getPath().substring("/worker/v1".length()), body);
        boolean lost = answersToLose > 0;
        answersToLose -= lost ? 1 : 0;
        boolean isHeld =
                requestsToHold > 0 || exchange.getRequestURI().getPath().contains(pathToHold);
        requestsToHold -= requestsToHold > 0 ? 1 : 0;
        held += isHeld ? 1 : 0;
        return new Answer(answer.status, answer.contentType, answer.body, lost, isHeld);
    }

    private Answer answer(String path, byte[] body) throws IOException {
        if (path.equals("/claim")) {
            JsonNode claim = JSON.readTree(body);
            claims.add(claim);
            ObjectNode task = longPoll(claim);
            return task == null ? new Answer(204, null, ByteBuffer.allocate(0)) : json(200, task);
        }
        String[] parts = path.split("/", -1);
        if (parts[1].equals("models")) {
            return parts.length == 4 ? bytes("application/zip", blobs.get(parts[2])) : describe(parts[2]);
        }
        if (stale) {
            return error(409, "stale_attempt");
        }
        return switch (parts[3]) {
            case "files" -> bytes("application/octet-stream", files.get(parts[4]));
            case "blobs" -> parts.length == 5 ? bytes("application/octet-stream", blobs.get(parts[4])) : store(body);
            case "progress" -> receive(JSON.readTree(body));
            case "checkpoints" -> {
                checkpoints.add(JSON.readTree(body));
                yield directive();
            }
            case "finish" -> {
                finish = JSON.readTree(body);
                yield directive();
            }
            default -> error(404, "not_found");
        };
    }

    private @Nullable ObjectNode longPoll(JsonNode claim) throws IOException {
        long deadline = System.nanoTime()
                + TimeUnit.SECONDS.toNanos(claim.get("wait_seconds").longValue());
        try {
            while (true) {
                for (ObjectNode task : tasks) {
                    if (task.get("kind").equals(claim.get("kind"))) {
                        tasks.remove(task);
                        return task;
                    }
                }
                if (System.nanoTime() > deadline) {
                    return null;
                }
                wait(100);
            }
        } catch (InterruptedException e) {
            throw new IOException("the stub is being closed", e);
        }
    }

    private Answer receive(JsonNode batch) {
        progress.add(batch);
        int first = batch.get("first_seq").intValue();
        for (int i = 0; i < batch.get("events").size(); i++) {
            if (first + i == events.size() + 1) {
                events.add(batch.get("events").get(i));
            } else if (first + i > events.size() + 1) {
                throw new IllegalStateException("events are missing before " + (first + i));
            }
        }
        return directive();
    }

    private Answer describe(String model) {
        String base = models.get(model);
        return base == null
                ? error(404, "model_not_found")
                : json(200, JSON.createObjectNode().put("id", model).put("base_model", base));
    }

    private Answer store(byte[] body) {
        if (uploadsToRefuse > 0) {
            uploadsToRefuse--;
            return error(507, "storage_full");
        }
        String id = "blob-" + (blobs.size() + 1);
        blobs.put(id, body);
        return json(
                200,
                JSON.createObjectNode()
                        .put("blob_id", id)
                        .put("bytes", body.length)
                        .put("sha256", "not computed"));
    }

    private Answer directive() {
        return json(
                200,
                JSON.createObjectNode()
                        .put("directive", directive)
                        .put("lease_seconds", directive.equals("continue") ? leaseSeconds : 0));
    }

    private static Answer bytes(String contentType, byte @Nullable [] content) {
        return content == null ? error(404, "not_found") : new Answer(200, contentType, ByteBuffer.wrap(content));
    }

    private static Answer json(int status, ObjectNode node) {
        return new Answer(status, "application/json", UTF_8.encode(node.toString()));
    }

    private static Answer error(int status, String code) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error")
                .put("message", "stub says " + code)
                .put("type", "stub_error")
                .putNull("param")
                .put("code", code);
        return json(status, error);
    }

    private record Answer(int status, @Nullable String contentType, ByteBuffer body, boolean lost, boolean held) {
        Answer(int status, @Nullable String contentType, ByteBuffer body) {
            this(status, contentType, body, false, false);
        }
    }
}

package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A stub of Ollama's server: its blobs, create, tags and delete, with their statuses and messages, and its
 * OpenAI-compatible chat. Models outlive it; uploaded files do not. What it answers with is the content of the adapter's
 * weights.
 */
final class OllamaStub extends EngineStub {
    private static final String BLOBS = "/api/blobs/";

    private final String baseModel;
    private final Map<String, String> models = new ConcurrentHashMap<>();
    private final Map<String, Buffer> blobs = new ConcurrentHashMap<>();
    private volatile String refusal = "";

    /** @param baseModel with its tag */
    OllamaStub(String baseModel) {
        this.baseModel = baseModel;
        models.put(baseModel, "the base model");
    }

    /** Says this instead of creating a model; the empty text ends it. */
    void refuseToCreate(String message) {
        refusal = message;
    }

    /** As when somebody deletes all but the base model. */
    void loseModels() {
        models.keySet().retainAll(Set.of(baseModel));
    }

    Set<String> models() {
        return Set.copyOf(models.keySet());
    }

    @Override
    void forget() {
        blobs.clear();
    }

    @Override
    void answer(HttpServerRequest request, Buffer body) throws IOException {
        String route = request.method() + " " + request.path();
        if (path(request).startsWith(BLOBS)) {
            blob(request, path(request).substring(BLOBS.length()), body);
            return;
        }
        switch (route) {
            case "GET /api/tags" -> tags(request);
            case "POST /api/create" -> create(request, JSON.readTree(body.getBytes()));
            case "DELETE /api/delete" ->
                delete(request, JSON.readTree(body.getBytes()).path("model").asText());
            case "POST /v1/chat/completions" -> chat(request, JSON.readTree(body.getBytes()));
            default -> request.response().setStatusCode(404).end("404 page not found");
        }
    }

    private void blob(HttpServerRequest request, String digest, Buffer body) {
        boolean isThere = blobs.containsKey(digest);
        if (request.method().name().equals("HEAD")) {
            request.response().setStatusCode(isThere ? 200 : 404).end();
        } else if (!digest.equals(sha256(body))) {
            error(request, 400, "digest mismatch, expected \"" + digest + "\", got \"" + sha256(body) + "\"");
        } else {
            blobs.put(digest, body);
            request.response().setStatusCode(isThere ? 200 : 201).end();
        }
    }

    private void tags(HttpServerRequest request) {
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode list = answer.putArray("models");
        models.keySet().forEach(name -> list.addObject().put("name", name).put("model", name));
        json(request, 200, answer);
    }

    private void create(HttpServerRequest request, JsonNode create) {
        String name = create.path("model").asText();
        if (!name.matches("[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")) {
            error(request, 400, "invalid model name");
        } else if (!models.containsKey(tagged(create.path("from").asText()))) {
            error(request, 500, "pull model manifest: file does not exist");
        } else if (!refusal.isEmpty()) {
            error(request, 400, refusal);
        } else {
            StringBuilder weights = new StringBuilder();
            for (Map.Entry<String, JsonNode> file : create.path("adapters").properties()) {
                Buffer blob = blobs.get(file.getValue().asText());
                if (blob == null) {
                    error(request, 400, "open /root/.ollama/models/blobs: no such file or directory");
                    return;
                }
                if (file.getKey().endsWith(".safetensors")) {
                    weights.append(blob.toString(StandardCharsets.ISO_8859_1));
                }
            }
            models.put(tagged(name), weights.toString());
            json(request, 200, JSON.createObjectNode().put("status", "success"));
        }
    }

    private void delete(HttpServerRequest request, String name) {
        if (models.remove(tagged(name)) == null) {
            error(request, 404, "model '" + name + "' not found");
        } else {
            request.response().end();
        }
    }

    private void chat(HttpServerRequest request, JsonNode asked) {
        String model = asked.path("model").asText();
        String content = models.get(tagged(model));
        if (content != null) {
            complete(request, asked, model, content);
            return;
        }
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error")
                .put("message", "model '" + model + "' not found")
                .put("type", "not_found_error")
                .putNull("param")
                .putNull("code");
        json(request, 404, error);
    }

    private static String tagged(String name) {
        return name.contains(":") ? name : name + ":latest";
    }

    private static void error(HttpServerRequest request, int status, String message) {
        json(request, status, JSON.createObjectNode().put("error", message));
    }

    private static String sha256(Buffer bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.getBytes());
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A stub of llama.cpp's server: adapters come with its command line and go with it; a request's {@code lora} says which
 * of them count, those that it leaves out do not, and without one all do. It answers with the files that counted.
 */
final class LlamaCppStub extends EngineStub {
    private final List<String> adapters = new CopyOnWriteArrayList<>();
    private volatile boolean isLoadingModel;

    /** As when it is ended and started with other --lora options. */
    void restartWith(String... paths) {
        stop();
        adapters.clear();
        adapters.addAll(List.of(paths));
        start();
    }

    /** While it reads the base model it answers nothing else. */
    void loadModel(boolean isLoading) {
        isLoadingModel = isLoading;
    }

    @Override
    void forget() {}

    @Override
    void answer(HttpServerRequest request, Buffer body) throws IOException {
        String route = request.method() + " " + request.path();
        if (isLoadingModel) {
            error(request, 503, "Loading model", "unavailable_error");
        } else if (route.equals("GET /lora-adapters")) {
            list(request);
        } else if (route.equals("POST /v1/chat/completions")) {
            chat(request, JSON.readTree(body.getBytes()));
        } else {
            error(request, 404, "File Not Found", "not_found_error");
        }
    }

    private void list(HttpServerRequest request) {
        ArrayNode list = JSON.createArrayNode();
        for (int i = 0; i < adapters.size(); i++) {
            list.addObject().put("id", i).put("path", adapters.get(i)).put("scale", 1.0);
        }
        json(request, 200, list);
    }

    private void chat(HttpServerRequest request, JsonNode asked) {
        JsonNode lora = asked.path("lora");
        if (asked.has("lora") && !lora.isArray()) {
            error(
                    request,
                    400,
                    "Error: 'lora' must be an array of objects with 'id' and 'scale' fields",
                    "invalid_request_error");
            return;
        }
        List<String> counting = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            if (lora.isEmpty() || scale(lora, i) != 0) {
                counting.add(adapters.get(i).replaceAll(".*/", ""));
            }
        }
        complete(request, asked, "gguf", counting.isEmpty() ? "the base model" : String.join(" and ", counting));
    }

    private static double scale(JsonNode lora, int id) {
        for (JsonNode entry : lora) {
            if (entry.path("id").asInt(-1) == id) {
                return entry.path("scale").asDouble();
            }
        }
        return 0;
    }

    private static void error(HttpServerRequest request, int status, String message, String type) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error").put("code", status).put("message", message).put("type", type);
        json(request, status, error);
    }
}

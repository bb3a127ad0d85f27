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
import org.jspecify.annotations.Nullable;

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
            list.addObject()
                    .put("id", i)
                    .put("path", adapters.get(i))
                    .put("scale", 1.0)
                    .put("task_name", "");
        }
        json(request, 200, list);
    }

    private void chat(HttpServerRequest request, JsonNode asked) {
        JsonNode lora = asked.path("lora");
        if (asked.has("lora") && !lora.isArray()) {
            error(
                    request,
                    400,
                    "Field 'lora': Error: 'lora' must be an array of objects with 'id' and 'scale' fields",
                    "invalid_request_error");
            return;
        }
        List<String> counting = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            if (lora.isEmpty() || scale(lora, i) != 0) {
                counting.add(adapters.get(i).replaceAll(".*/", ""));
            }
        }
        answer(
                request,
                asked.path("stream").asBoolean(),
                counting.isEmpty() ? "the base model" : String.join(" and ", counting));
    }

    /** Without the members that OpenAI's have and llama.cpp's have not, and under the base model's file name. */
    private static void answer(HttpServerRequest request, boolean isStream, String content) {
        if (isStream) {
            request.response().setChunked(true).putHeader("content-type", "text/event-stream");
            request.response()
                    .write(event(
                            JSON.createObjectNode().put("role", "assistant").putNull("content"), null));
            request.response().write(event(JSON.createObjectNode().put("content", content), null));
            request.response().write(event(JSON.createObjectNode(), "stop"));
            request.response().end("data: [DONE]\n\n");
            return;
        }
        ObjectNode completion = JSON.createObjectNode();
        ObjectNode choice = completion
                .putArray("choices")
                .addObject()
                .put("finish_reason", "stop")
                .put("index", 0);
        choice.putObject("message").put("role", "assistant").put("content", content);
        completion.put("created", 1).put("model", "base.gguf").put("system_fingerprint", "b1-stub");
        completion.put("object", "chat.completion").put("id", "chatcmpl-stub");
        completion
                .putObject("usage")
                .put("prompt_tokens", 1)
                .put("completion_tokens", 1)
                .put("total_tokens", 2);
        completion.putObject("timings").put("prompt_n", 1);
        json(request, 200, completion);
    }

    private static String event(ObjectNode delta, @Nullable String finishReason) {
        ObjectNode chunk = JSON.createObjectNode();
        ObjectNode choice = chunk.putArray("choices")
                .addObject()
                .put("finish_reason", finishReason)
                .put("index", 0);
        choice.set("delta", delta);
        chunk.put("created", 1).put("id", "chatcmpl-stub").put("model", "base.gguf");
        return "data: " + chunk.put("object", "chat.completion.chunk") + "\n\n";
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

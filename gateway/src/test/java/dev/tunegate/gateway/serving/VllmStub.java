package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A stub of vLLM's server: the routes, statuses and messages of {@code vllm serve --enable-lora} for loading, listing and
 * unloading adapters at run time. What it answers with is the content of the adapter's weights.
 */
final class VllmStub extends EngineStub {
    private final String baseModel;
    private final Map<String, String> adapters = new ConcurrentHashMap<>();
    private final Map<String, String> everLoaded = new ConcurrentHashMap<>();
    private volatile boolean hasRuntimeUpdating = true;
    private volatile boolean forgetsWhatItLoads;
    private volatile @Nullable Path mount;

    VllmStub(String baseModel) {
        this.baseModel = baseModel;
    }

    /** As when VLLM_ALLOW_RUNTIME_LORA_UPDATING is not set: the routes do not exist. */
    void withoutRuntimeUpdating() {
        hasRuntimeUpdating = false;
    }

    void withRuntimeUpdating() {
        hasRuntimeUpdating = true;
    }

    /** Says that it has loaded an adapter, and has not. */
    void forgetWhatIsLoaded(boolean forgets) {
        forgetsWhatItLoads = forgets;
    }

    /** Sees this directory as /mnt/adapters, as a container does. */
    void mount(Path directory) {
        mount = directory;
    }

    Set<String> adapters() {
        return Set.copyOf(adapters.keySet());
    }

    /** Every name it was ever told to load. */
    Set<String> namesEver() {
        return Set.copyOf(everLoaded.keySet());
    }

    @Override
    void forget() {
        adapters.clear();
    }

    @Override
    void answer(HttpServerRequest request, Buffer body) throws IOException {
        String route = request.method() + " " + request.path();
        if (route.equals("GET /v1/models")) {
            models(request);
        } else if (route.equals("POST /v1/load_lora_adapter") && hasRuntimeUpdating) {
            load(request, JSON.readTree(body.getBytes()));
        } else if (route.equals("POST /v1/unload_lora_adapter") && hasRuntimeUpdating) {
            unload(request, JSON.readTree(body.getBytes()).path("lora_name").asText());
        } else if (route.equals("POST /v1/chat/completions")) {
            chat(request, JSON.readTree(body.getBytes()));
        } else {
            json(request, 404, JSON.createObjectNode().put("detail", "Not Found"));
        }
    }

    private void models(HttpServerRequest request) {
        ObjectNode list = JSON.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        data.addObject().put("id", baseModel).put("object", "model").put("owned_by", "vllm");
        adapters.keySet()
                .forEach(name ->
                        data.addObject().put("id", name).put("object", "model").put("parent", baseModel));
        json(request, 200, list);
    }

    private void load(HttpServerRequest request, JsonNode load) throws IOException {
        String name = load.path("lora_name").asText();
        String path = load.path("lora_path").asText();
        if (name.isEmpty() || path.isEmpty()) {
            error(request, 400, "InvalidUserInput", "Both 'lora_name' and 'lora_path' must be provided.");
        } else if (adapters.containsKey(name)) {
            error(
                    request,
                    400,
                    "InvalidUserInput",
                    "The lora adapter '" + name + "' has already been loaded. If you want to load the adapter in place,"
                            + " set 'load_inplace' to True.");
        } else {
            Path directory = seen(path);
            if (directory == null || !Files.isRegularFile(directory.resolve("adapter_config.json"))) {
                error(request, 404, "NotFoundError", "Loading lora " + name + " failed: No adapter found for " + path);
                return;
            }
            JsonNode config = JSON.readTree(Files.readAllBytes(directory.resolve("adapter_config.json")));
            if (!config.path("peft_type").asText().equals("LORA")) {
                error(request, 500, "InternalServerError", "unsupported peft_type");
                return;
            }
            String weights =
                    Files.readString(directory.resolve("adapter_model.safetensors"), StandardCharsets.ISO_8859_1);
            everLoaded.merge(name, weights, (before, now) -> before.equals(now) ? now : "REUSED");
            if (!forgetsWhatItLoads) {
                adapters.put(name, weights);
            }
            request.response().end("Success: LoRA adapter '" + name + "' added successfully.");
        }
    }

    private @Nullable Path seen(String path) {
        Path mounted = mount;
        if (mounted == null) {
            return Path.of(path);
        }
        return path.startsWith("/mnt/adapters/") ? mounted.resolve(path.substring("/mnt/adapters/".length())) : null;
    }

    private void unload(HttpServerRequest request, String name) {
        if (adapters.remove(name) == null) {
            error(request, 404, "NotFoundError", "The lora adapter '" + name + "' cannot be found.");
        } else {
            request.response().end("Success: LoRA adapter '" + name + "' removed successfully.");
        }
    }

    private void chat(HttpServerRequest request, JsonNode asked) {
        String model = asked.path("model").asText();
        String content = model.equals(baseModel) ? "the base model" : adapters.get(model);
        if (content == null) {
            error(request, 404, "NotFoundError", "The model `" + model + "` does not exist.");
        } else {
            complete(request, asked, model, content);
        }
    }

    /** Its code is a number, unlike OpenAI's. */
    private static void error(HttpServerRequest request, int status, String type, String message) {
        ObjectNode error = JSON.createObjectNode();
        error.putObject("error")
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", status);
        json(request, status, error);
    }
}

package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.tasks.TaskKind;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A worker's question for a task, and what it can do. */
record ClaimRequest(
        String workerId,
        TaskKind kind,
        List<Model> models,
        String device,
        @Nullable Long memoryBytes,
        @Nullable String inferenceUrl,
        @Nullable String inferenceToken,
        Duration patience) {
    private static final int MAX_MODELS = 1000;
    private static final int MAX_WAIT = 60;
    private static final int DEFAULT_WAIT = 20;

    /** A base model on the worker's disk. */
    record Model(String id, @Nullable Long contextLength) {}

    static ClaimRequest read(JsonNode message) {
        MessageReader reader = new MessageReader(message);
        int wait = reader.has("wait_seconds") ? reader.integer("wait_seconds", 0) : DEFAULT_WAIT;
        return new ClaimRequest(
                reader.text("worker_id"),
                TaskKind.valueOf(
                        reader.oneOf("kind", Set.of("train", "validate")).toUpperCase(Locale.ROOT)),
                reader.list(
                        "models",
                        MAX_MODELS,
                        model -> new Model(model.text("id"), model.optionalCount("context_length"))),
                reader.text("device"),
                reader.optionalCount("memory_bytes"),
                reader.optionalText("inference_url"),
                reader.optionalText("inference_token"),
                Duration.ofSeconds(Math.min(wait, MAX_WAIT)));
    }

    String[] modelIds() {
        return models.stream().map(Model::id).toArray(String[]::new);
    }

    String modelsJson() {
        ArrayNode json = Json.MAPPER.createArrayNode();
        for (Model model : models) {
            json.addObject().put("id", model.id()).put("context_length", model.contextLength());
        }
        return json.toString();
    }
}

package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.capture.StoredCompletion;
import dev.tunegate.gateway.http.Json;
import org.jspecify.annotations.Nullable;

/** A stored completion as OpenAI sends it, and the dataset that it is in. What the request left out is null. */
record StoredCompletionObject(
        String object,
        String id,
        String model,
        long created,
        String requestId,
        JsonNode toolChoice,
        JsonNode usage,
        JsonNode seed,
        JsonNode topP,
        JsonNode temperature,
        JsonNode presencePenalty,
        JsonNode frequencyPenalty,
        JsonNode systemFingerprint,
        JsonNode inputUser,
        JsonNode serviceTier,
        JsonNode tools,
        JsonNode metadata,
        JsonNode choices,
        JsonNode responseFormat,
        Extension tunegate) {

    /** The fields that OpenAI's object does not have. */
    record Extension(@Nullable String dataset) {}

    static StoredCompletionObject of(StoredCompletion stored) {
        JsonNode request = stored.request();
        JsonNode answer = stored.answer();
        JsonNode created = answer.path("created");
        return new StoredCompletionObject(
                "chat.completion",
                stored.id(),
                answer.path("model").asText(),
                created.isIntegralNumber()
                        ? created.longValue()
                        : stored.createdAt().toEpochSecond(),
                stored.requestId(),
                orNull(request, "tool_choice"),
                orNull(answer, "usage"),
                orNull(request, "seed"),
                orNull(request, "top_p"),
                orNull(request, "temperature"),
                orNull(request, "presence_penalty"),
                orNull(request, "frequency_penalty"),
                orNull(answer, "system_fingerprint"),
                orNull(request, "user"),
                orNull(answer, "service_tier"),
                orNull(request, "tools"),
                stored.metadata(),
                answer.path("choices"),
                orNull(request, "response_format"),
                new Extension(stored.dataset()));
    }

    private static JsonNode orNull(JsonNode object, String field) {
        JsonNode value = object.get(field);
        return value == null ? Json.MAPPER.nullNode() : value;
    }
}

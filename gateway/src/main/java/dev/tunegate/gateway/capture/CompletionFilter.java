package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says which stored completions a list is to show.
 *
 * @param model null for any
 * @param dataset null for any, and for those that are filed under none
 * @param metadata pairs that a completion must have; empty for any
 */
public record CompletionFilter(
        @Nullable String model, @Nullable String dataset, Map<String, String> metadata) {

    @Nullable
    String containedMetadata() {
        if (metadata.isEmpty()) {
            return null;
        }
        ObjectNode json = Json.MAPPER.createObjectNode();
        metadata.forEach(json::put);
        return json.toString();
    }
}

package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says which jobs a list is to show.
 *
 * @param metadata pairs that a job must have; empty for any
 * @param withoutMetadata only jobs that have none
 */
public record JobFilter(Map<String, String> metadata, boolean withoutMetadata) {

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

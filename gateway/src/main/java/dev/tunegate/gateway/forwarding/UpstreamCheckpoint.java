package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.upstream.UpstreamClient;
import java.util.Map;

/**
 * A checkpoint of an upstream's job.
 *
 * @param model the name under which it answers there, and here
 * @param metrics those of its metrics that are numbers
 */
record UpstreamCheckpoint(int step, String model, ObjectNode metrics) {

    static UpstreamCheckpoint of(JsonNode json, UpstreamClient host) {
        JsonNode step = json.path("step_number");
        if (!step.canConvertToInt() || step.intValue() < 1) {
            throw host.nonsense("a checkpoint without a step");
        }
        ObjectNode metrics = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> metric : json.path("metrics").properties()) {
            if (metric.getValue().isNumber()
                    && Double.isFinite(metric.getValue().doubleValue())
                    && metric.getKey().matches("[a-z_]{1,64}")) {
                metrics.set(metric.getKey(), metric.getValue());
            }
        }
        String model =
                UpstreamIds.require(json.path("fine_tuned_model_checkpoint"), "a checkpoint without a model", host);
        return new UpstreamCheckpoint(step.intValue(), model, metrics);
    }
}

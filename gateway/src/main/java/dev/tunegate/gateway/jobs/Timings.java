package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** Where the time of a training went, in seconds; openapi.yaml says what belongs to which. */
public record Timings(double forwardSeconds, double backwardSeconds, double optimizerSeconds, double waitingSeconds) {

    static @Nullable Timings of(@Nullable JsonNode json) {
        return json == null
                ? null
                : new Timings(
                        json.path("forward_seconds").doubleValue(),
                        json.path("backward_seconds").doubleValue(),
                        json.path("optimizer_seconds").doubleValue(),
                        json.path("waiting_seconds").doubleValue());
    }
}

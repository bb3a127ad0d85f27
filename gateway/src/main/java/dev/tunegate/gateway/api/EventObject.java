package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.jobs.Event;
import org.jspecify.annotations.Nullable;

/** A job's event as OpenAI sends it. */
record EventObject(
        String object,
        String id,
        long createdAt,
        String level,
        String message,
        @Nullable JsonNode data,
        String type) {

    static EventObject of(Event event) {
        return new EventObject(
                "fine_tuning.job.event",
                event.id(),
                event.createdAt().toEpochSecond(),
                event.level(),
                event.message(),
                event.data(),
                event.type());
    }
}

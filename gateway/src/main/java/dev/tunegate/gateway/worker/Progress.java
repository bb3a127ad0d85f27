package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.jobs.NewEvent;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A worker's report.
 *
 * @param firstSeq the number of the first event within the attempt, from 1
 * @param hyperparameters the numbers that replace "auto"
 */
record Progress(
        int attempt,
        int firstSeq,
        List<NewEvent> events,
        ObjectNode hyperparameters,
        @Nullable Long trainedTokens,
        @Nullable Long remainingSeconds) {
    private static final int MAX_EVENTS = 1000;
    private static final long LONGEST_ESTIMATE = 10L * 365 * 24 * 3600;

    static Progress read(JsonNode message) {
        MessageReader reader = new MessageReader(message);
        Long remaining = reader.optionalCount("remaining_seconds");
        return new Progress(
                reader.integer("attempt", 1),
                reader.integer("first_seq", 1),
                reader.list("events", MAX_EVENTS, Progress::event),
                reader.numbers("hyperparameters"),
                reader.optionalCount("trained_tokens"),
                remaining == null ? null : Math.min(remaining, LONGEST_ESTIMATE));
    }

    /**
     * The events that have not arrived yet.
     *
     * @param received how many events of this attempt have
     */
    List<NewEvent> eventsAfter(int received) {
        int known = received - (firstSeq - 1);
        if (known < 0) {
            throw ApiError.badRequest(
                    "invalid first_seq: " + firstSeq + ", the next event of this attempt is number " + (received + 1),
                    "first_seq");
        }
        return events.subList(Math.min(known, events.size()), events.size());
    }

    private static NewEvent event(MessageReader event) {
        String type = event.oneOf("type", Set.of("message", "metrics"));
        ObjectNode data = type.equals("metrics") ? event.numbers("data") : JsonNodeFactory.instance.objectNode();
        if (type.equals("metrics") && !data.path("step").isInt()) {
            throw ApiError.badRequest("A metrics event needs the integer 'step' in its data.", "data");
        }
        return new NewEvent(event.oneOf("level", Set.of("info", "warn", "error")), type, event.text("message"), data);
    }
}

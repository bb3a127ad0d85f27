package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** A row of {@code events}. */
public record Event(
        String id,
        OffsetDateTime createdAt,
        String level,
        String type,
        String message,
        @Nullable JsonNode data) {

    static Event of(Row row) {
        return new Event(
                row.getString("id"),
                row.getOffsetDateTime("created_at"),
                row.getString("level"),
                row.getString("type"),
                row.getString("message"),
                JsonColumns.get(row, "data"));
    }
}

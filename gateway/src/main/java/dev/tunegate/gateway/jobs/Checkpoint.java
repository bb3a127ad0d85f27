package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.Objects;

/**
 * A row of {@code checkpoints}.
 *
 * @param model the name under which the checkpoint answers
 * @param metrics what was measured at its step
 * @param best whether no other of its job has a lower loss on all validation examples
 */
public record Checkpoint(
        String id, String jobId, OffsetDateTime createdAt, int step, String model, JsonNode metrics, boolean best) {

    static Checkpoint of(Row row) {
        return new Checkpoint(
                row.getString("id"),
                row.getString("job_id"),
                row.getOffsetDateTime("created_at"),
                row.getInteger("step"),
                row.getString("model"),
                Objects.requireNonNull(JsonColumns.get(row, "metrics")),
                row.getBoolean("best"));
    }
}

package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.sqlclient.Row;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code jobs}: what was asked for, how it goes, how it ended. Who works on it is in {@code tasks}.
 *
 * @param baseModel what its workers need and its adapters belong to
 * @param startAdapter the blob of the adapter that training continues from
 * @param timings where the time of its training went, null until an attempt has told
 * @param upstream the host that trains it, null for our workers
 * @param upstreamJobId its id there, null until the upstream has it
 */
public record Job(
        String id,
        String project,
        JobStatus status,
        JobRequest request,
        String baseModel,
        @Nullable String startAdapter,
        OffsetDateTime createdAt,
        @Nullable OffsetDateTime estimatedFinish,
        @Nullable Integer resumeStep,
        @Nullable String resumeBlob,
        @Nullable OffsetDateTime finishedAt,
        @Nullable String fineTunedModel,
        List<String> resultFiles,
        @Nullable Long trainedTokens,
        @Nullable JsonNode error,
        @Nullable Timings timings,
        @Nullable String upstream,
        @Nullable String upstreamJobId) {

    /** Reads a row of {@code select *}. */
    public static Job of(Row row) {
        return new Job(
                row.getString("id"),
                row.getString("project"),
                JobStatus.of(row.getString("status")),
                JobRequest.of(row),
                row.getString("base_model"),
                row.getString("start_adapter"),
                row.getOffsetDateTime("created_at"),
                row.getOffsetDateTime("estimated_finish"),
                row.getInteger("resume_step"),
                row.getString("resume_blob"),
                row.getOffsetDateTime("finished_at"),
                row.getString("fine_tuned_model"),
                List.of(row.getArrayOfStrings("result_files")),
                row.getLong("trained_tokens"),
                JsonColumns.get(row, "error"),
                Timings.of(JsonColumns.get(row, "timings")),
                row.getString("upstream"),
                row.getString("upstream_job_id"));
    }
}

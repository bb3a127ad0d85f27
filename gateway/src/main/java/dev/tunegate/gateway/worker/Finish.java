package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.jobs.JobError;
import dev.tunegate.gateway.jobs.Timings;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a task ended.
 *
 * @param error of a failed one
 * @param timings where the attempt's time went, null where no training had begun
 * @param adapterBlob the final adapter of one that succeeded
 */
record Finish(
        int attempt,
        Outcome outcome,
        @Nullable JobError error,
        @Nullable Long trainedTokens,
        @Nullable Timings timings,
        @Nullable String adapterBlob,
        List<ResultFile> resultFiles) {
    private static final int MAX_RESULT_FILES = 100;

    /** {@code STOPPED} hands the job back, unless a directive has ended it. */
    enum Outcome {
        VALIDATED,
        SUCCEEDED,
        FAILED,
        STOPPED
    }

    /** A file that the job leaves behind. */
    record ResultFile(String filename, String blobId) {}

    static Finish read(JsonNode message) {
        MessageReader reader = new MessageReader(message);
        Outcome outcome = Outcome.valueOf(reader.oneOf("outcome", Set.of("validated", "succeeded", "failed", "stopped"))
                .toUpperCase(Locale.ROOT));
        return new Finish(
                reader.integer("attempt", 1),
                outcome,
                outcome == Outcome.FAILED ? error(reader) : null,
                reader.optionalCount("trained_tokens"),
                timings(reader.optionalObject("timings")),
                outcome == Outcome.SUCCEEDED ? reader.text("adapter_blob") : null,
                reader.list(
                        "result_files",
                        MAX_RESULT_FILES,
                        file -> new ResultFile(file.text("filename"), file.text("blob_id"))));
    }

    private static JobError error(MessageReader reader) {
        MessageReader error = reader.optionalObject("error");
        if (error == null) {
            throw ApiError.badRequest("A task that failed needs its error: code and message.", "error");
        }
        return new JobError(error.text("code"), error.text("message"), error.optionalText("param"));
    }

    private static @Nullable Timings timings(@Nullable MessageReader timings) {
        return timings == null
                ? null
                : new Timings(
                        timings.seconds("forward_seconds"),
                        timings.seconds("backward_seconds"),
                        timings.seconds("optimizer_seconds"),
                        timings.seconds("waiting_seconds"));
    }
}

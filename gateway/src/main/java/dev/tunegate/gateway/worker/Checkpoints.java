package dev.tunegate.gateway.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.jobs.CheckpointStore;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.tasks.TaskStore;
import dev.tunegate.gateway.worker.Protocol.Acknowledgement;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import org.jspecify.annotations.Nullable;

/** Records checkpoints whose bytes are already stored. */
final class Checkpoints {
    private final Attempts attempts;

    Checkpoints(Attempts attempts) {
        this.attempts = attempts;
    }

    /**
     * A worker's message.
     *
     * @param adapterBlob null for a point to resume from that clients do not see
     */
    record Commit(
            int attempt,
            int step,
            String resumeBlob,
            @Nullable String adapterBlob,
            ObjectNode metrics) {

        static Commit read(JsonNode message) {
            MessageReader reader = new MessageReader(message);
            return new Commit(
                    reader.integer("attempt", 1),
                    reader.integer("step", 1),
                    reader.text("resume_blob"),
                    reader.optionalText("adapter_blob"),
                    reader.numbers("metrics"));
        }
    }

    Future<Acknowledgement> commit(String jobId, Commit commit) {
        return attempts.write(
                jobId, commit.attempt(), (connection, assignment) -> commit(connection, assignment, commit));
    }

    private static Future<Void> commit(SqlConnection connection, Assignment assignment, Commit commit) {
        Job job = assignment.job();
        return JobBlobs.commit(connection, job, commit.resumeBlob())
                .compose(blob -> CheckpointStore.resumeFrom(connection, job, commit.step(), commit.resumeBlob()))
                .compose(resumable -> addCheckpoint(connection, job, commit))
                .compose(added -> TaskStore.renew(connection, assignment.task()));
    }

    private static Future<Void> addCheckpoint(SqlConnection connection, Job job, Commit commit) {
        String adapter = commit.adapterBlob();
        if (adapter == null) {
            return Future.succeededFuture();
        }
        return JobBlobs.commit(connection, job, adapter)
                .compose(blob -> CheckpointStore.add(connection, job, commit.step(), adapter, commit.metrics()));
    }
}

package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.jobs.JobTransitions;
import dev.tunegate.gateway.worker.Protocol.CommittedCheckpoint;
import dev.tunegate.gateway.worker.Protocol.Kind;
import dev.tunegate.gateway.worker.Protocol.Task;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Hands out tasks: each to one worker, the oldest job first. */
final class Claims {
    private final Database database;
    private final TaskNotifier notifier;

    Claims(Database database, TaskNotifier notifier) {
        this.database = database;
        this.notifier = notifier;
    }

    /** What came of one look at the queue: nothing there, a task, or a job that could only be failed. */
    private sealed interface Look {
        record Nothing() implements Look {}

        record Found(Task task) implements Look {}

        record Failed() implements Look {}
    }

    /**
     * Waits for a task, as long as the request says.
     *
     * @param isGone whether the worker has hung up; a task it can no longer receive stays in the queue
     */
    Future<Optional<Task>> claim(ClaimRequest request, BooleanSupplier isGone) {
        long deadline = System.nanoTime() + request.patience().toNanos();
        return database.query(
                        "workers.seen",
                        request.workerId(),
                        request.device(),
                        request.memoryBytes(),
                        request.modelsJson(),
                        request.inferenceUrl(),
                        request.inferenceToken())
                .compose(seen -> poll(request, isGone, deadline));
    }

    private Future<Optional<Task>> poll(ClaimRequest request, BooleanSupplier isGone, long deadline) {
        Future<Void> news = notifier.next();
        if (notifier.isClosed() || isGone.getAsBoolean()) {
            return Future.succeededFuture(Optional.empty());
        }
        return look(request).compose(look -> {
            if (look instanceof Look.Found found) {
                return isGone.getAsBoolean()
                        ? putBack(found.task()).map(Optional.empty())
                        : Future.succeededFuture(Optional.of(found.task()));
            }
            if (look instanceof Look.Failed) {
                return poll(request, isGone, deadline);
            }
            return System.nanoTime() < deadline
                    ? news.compose(rung -> poll(request, isGone, deadline))
                    : Future.succeededFuture(Optional.empty());
        });
    }

    private Future<Look> look(ClaimRequest request) {
        return database.transaction(connection -> Database.query(
                        connection,
                        "tasks.claim",
                        request.workerId(),
                        request.kind().waitingState(),
                        request.modelIds())
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture(new Look.Nothing())
                        : begin(connection, request.kind(), rows.iterator().next())));
    }

    private static Future<Look> begin(SqlConnection connection, Kind kind, Row row) {
        Job job = Job.of(row);
        return missingFile(connection, job).compose(field -> {
            if (field != null) {
                return JobTransitions.failForDeletedFile(connection, job, field).map(new Look.Failed());
            }
            Future<Void> told = row.getBoolean("is_first_start")
                    ? JobTransitions.started(connection, job)
                    : Future.succeededFuture();
            return told.compose(written -> checkpoints(connection, job))
                    .map(checkpoints -> new Look.Found(Task.of(kind, job, checkpoints)));
        });
    }

    private static Future<List<CommittedCheckpoint>> checkpoints(SqlConnection connection, Job job) {
        return Database.query(connection, "checkpoints.committed", job.id())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new CommittedCheckpoint(row.getInteger("step"), row.getString("adapter_blob")))
                        .toList());
    }

    private static Future<@Nullable String> missingFile(SqlConnection connection, Job job) {
        return Database.query(connection, "tasks.missing_file", job.project(), job.trainingFile(), job.validationFile())
                .map(rows -> rows.iterator().next().getString("field"));
    }

    private Future<Void> putBack(Task task) {
        return database.transaction(connection -> JobStore.lock(connection, task.jobId())
                .compose(found -> {
                    Job job = found.orElseThrow();
                    // Somebody may have cancelled it meanwhile.
                    return job.attempt() == task.attempt() && job.leaseOwner() != null
                            ? JobTransitions.handBack(connection, job)
                            : Future.succeededFuture();
                }));
    }
}

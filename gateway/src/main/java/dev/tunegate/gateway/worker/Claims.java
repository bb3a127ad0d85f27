package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobTransitions;
import dev.tunegate.gateway.tasks.Task;
import dev.tunegate.gateway.tasks.TaskKind;
import dev.tunegate.gateway.tasks.TaskNotifier;
import dev.tunegate.gateway.tasks.TaskStore;
import dev.tunegate.gateway.worker.Protocol.ClaimedTask;
import dev.tunegate.gateway.worker.Protocol.CommittedCheckpoint;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Hands out tasks: each to one worker, the projects in turn, and within a project the oldest job first. */
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

        record Found(ClaimedTask task) implements Look {}

        record Failed() implements Look {}
    }

    /**
     * Waits for a task, as long as the request says.
     *
     * @param isGone whether the worker has hung up; a task it can no longer receive stays in the queue
     */
    Future<Optional<ClaimedTask>> claim(ClaimRequest request, BooleanSupplier isGone) {
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

    private Future<Optional<ClaimedTask>> poll(ClaimRequest request, BooleanSupplier isGone, long deadline) {
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
        return database.transaction(connection -> TaskStore.claim(
                                connection, request.workerId(), request.kind(), request.modelIds())
                        .compose(claimed -> claimed.isEmpty()
                                ? Future.succeededFuture(new Look.Nothing())
                                : begin(connection, claimed.get())))
                .recover(failure -> failure instanceof JobIsBusy
                        ? Future.succeededFuture(new Look.Nothing())
                        : Future.failedFuture(failure));
    }

    /** Somebody else is changing the job, so the claim is taken back: waiting with the task in hand could last for ever. */
    private static final class JobIsBusy extends RuntimeException {
        private JobIsBusy() {
            super("the job is locked", null, false, false);
        }
    }

    private static Future<Look> begin(SqlConnection connection, Task task) {
        String statement = switch (task.kind()) {
            case VALIDATE -> "jobs.lock_free";
            case TRAIN -> "jobs.start";
        };
        return Database.query(connection, statement, task.subject()).compose(rows -> {
            if (rows.size() == 0) {
                throw new JobIsBusy();
            }
            Row row = rows.iterator().next();
            boolean isFirstStart = task.kind() == TaskKind.TRAIN && row.getBoolean("is_first_start");
            return begin(connection, task, Job.of(row), isFirstStart);
        });
    }

    private static Future<Look> begin(SqlConnection connection, Task task, Job job, boolean isFirstStart) {
        return missingFile(connection, job).compose(field -> {
            if (field != null) {
                return JobTransitions.failForDeletedFile(connection, job, field).map(new Look.Failed());
            }
            Future<Void> told = isFirstStart ? JobTransitions.started(connection, job) : Future.succeededFuture();
            return told.compose(written -> checkpoints(connection, job))
                    .map(checkpoints -> new Look.Found(ClaimedTask.of(task, job, checkpoints)));
        });
    }

    private static Future<List<CommittedCheckpoint>> checkpoints(SqlConnection connection, Job job) {
        return Database.query(connection, "checkpoints.committed", job.id())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new CommittedCheckpoint(row.getInteger("step"), row.getString("adapter_blob")))
                        .toList());
    }

    private static Future<@Nullable String> missingFile(SqlConnection connection, Job job) {
        return Database.query(
                        connection,
                        "jobs.missing_file",
                        job.project(),
                        job.request().trainingFile(),
                        job.request().validationFile())
                .map(rows -> rows.iterator().next().getString("field"));
    }

    /** Somebody may have cancelled it meanwhile. */
    private Future<Void> putBack(ClaimedTask claimed) {
        return database.transaction(connection -> Attempts.lock(connection, claimed.jobId())
                .compose(assignment -> assignment.task().isHeldBy(claimed.attempt())
                        ? JobTransitions.handBack(connection, assignment.job(), assignment.task())
                        : Future.succeededFuture()));
    }
}

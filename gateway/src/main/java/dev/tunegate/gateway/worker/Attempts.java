package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.tasks.Task;
import dev.tunegate.gateway.tasks.TaskState;
import dev.tunegate.gateway.tasks.TaskStore;
import dev.tunegate.gateway.worker.Protocol.Acknowledgement;
import dev.tunegate.gateway.worker.Protocol.Directive;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.BiFunction;

/** Guards every write of a worker: only the attempt that holds the job's lease gets through. */
final class Attempts {
    private final Database database;

    Attempts(Database database) {
        this.database = database;
    }

    /**
     * Runs a worker's write, which renews the lease, in a transaction that owns the job. Work cancelled under this very attempt answers with that
     * directive and is not written to; work paused under it is, until the attempt ends. Any other attempt but the one with
     * the lease is stale.
     */
    Future<Acknowledgement> write(String jobId, int attempt, BiFunction<SqlConnection, Assignment, Future<Void>> work) {
        return database.transaction(connection -> lock(connection, jobId).compose(assignment -> {
            Task task = assignment.task();
            if (task.attempt() == attempt && task.state() == TaskState.CANCELLED) {
                return Future.succeededFuture(Acknowledgement.withoutLease(Directive.CANCEL));
            }
            boolean isPaused = task.state() == TaskState.PAUSED;
            if (task.attempt() == attempt && isPaused && task.leaseOwner() == null) {
                return Future.succeededFuture(Acknowledgement.withoutLease(Directive.PAUSE));
            }
            requireHeld(assignment, attempt);
            Directive directive = isPaused ? Directive.PAUSE : Directive.CONTINUE;
            return TaskStore.heard(connection, task)
                    .compose(heard -> work.apply(connection, assignment))
                    .map(Acknowledgement.renewed(directive, task));
        }));
    }

    /** The job, provided that this attempt holds it. */
    Future<Job> held(String jobId, int attempt) {
        return database.transaction(connection -> lock(connection, jobId).compose(assignment -> {
            requireHeld(assignment, attempt);
            return TaskStore.heard(connection, assignment.task()).map(assignment.job());
        }));
    }

    /** Fails for a job that there is not, and for one that never had a task, because an upstream trains it. */
    static Future<Assignment> lock(SqlConnection connection, String jobId) {
        return JobStore.lock(connection, jobId)
                .map(found -> found.orElseThrow(() -> JobStore.unknown(jobId)))
                .compose(job -> TaskStore.latest(connection, jobId)
                        .map(task -> new Assignment(job, task.orElseThrow(() -> JobStore.unknown(jobId)))));
    }

    static void requireHeld(Assignment assignment, int attempt) {
        if (!assignment.task().isHeldBy(attempt)) {
            throw stale(assignment, attempt);
        }
    }

    /** The error of a write under a lease that has gone to another attempt, or for a job that has ended. */
    static ApiError stale(Assignment assignment, int attempt) {
        Job job = assignment.job();
        String message = "Attempt " + attempt + " no longer holds job " + job.id() + ", which is "
                + job.status().text() + " with attempt " + assignment.task().attempt() + ". Stop this task.";
        return new ApiError(409, message, "invalid_request_error", "attempt", "stale_attempt");
    }
}

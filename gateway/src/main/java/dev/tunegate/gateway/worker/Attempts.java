package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.jobs.JobStore;
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
     * Runs a worker's write in a transaction that owns the job. A job cancelled under this very attempt answers with
     * that directive and is not written to; one paused under it is, until the attempt ends. Any other attempt but the
     * one with the lease is stale.
     */
    Future<Directive> write(String jobId, int attempt, BiFunction<SqlConnection, Job, Future<Directive>> work) {
        return database.transaction(connection -> lock(connection, jobId).compose(job -> {
            if (job.attempt() == attempt && job.status() == JobStatus.CANCELLED) {
                return Future.succeededFuture(Directive.CANCEL);
            }
            boolean isPaused = job.status() == JobStatus.PAUSED;
            if (job.attempt() == attempt && isPaused && job.leaseOwner() == null) {
                return Future.succeededFuture(Directive.PAUSE);
            }
            requireHeld(job, attempt);
            Future<Directive> written = work.apply(connection, job);
            return isPaused ? written.map(Directive.PAUSE) : written;
        }));
    }

    /** The job, provided that this attempt holds it. */
    Future<Job> held(String jobId, int attempt) {
        return database.transaction(connection -> lock(connection, jobId)).map(job -> {
            requireHeld(job, attempt);
            return job;
        });
    }

    static Future<Job> lock(SqlConnection connection, String jobId) {
        return JobStore.lock(connection, jobId).map(found -> found.orElseThrow(() -> JobStore.unknown(jobId)));
    }

    static void requireHeld(Job job, int attempt) {
        if (job.attempt() != attempt || job.leaseOwner() == null) {
            throw stale(job, attempt);
        }
    }

    /** The error of a write under a lease that has gone to another attempt, or for a job that has ended. */
    static ApiError stale(Job job, int attempt) {
        String message = "Attempt " + attempt + " no longer holds job " + job.id() + ", which is "
                + job.status().text() + " with attempt " + job.attempt() + ". Stop this task.";
        return new ApiError(409, message, "invalid_request_error", "attempt", "stale_attempt");
    }
}

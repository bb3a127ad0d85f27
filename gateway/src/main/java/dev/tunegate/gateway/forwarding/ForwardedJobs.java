package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.jobs.JobTransitions;
import dev.tunegate.gateway.upstream.UpstreamClient;
import dev.tunegate.gateway.upstream.UpstreamProblem;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Clients' orders for jobs that an upstream trains. They are passed on while the client waits, so that it learns what came
 * of them: a job that goes on there is not shown as cancelled here.
 */
public final class ForwardedJobs {
    private final Database database;
    private final Hosts hosts;

    public ForwardedJobs(Database database, Hosts hosts) {
        this.database = database;
        this.hosts = hosts;
    }

    /**
     * Cancels a job here and there.
     *
     * @param job one that has not ended
     */
    public Future<Job> cancel(Job job) {
        String id = job.upstreamJobId();
        return id == null ? cancelBeforeItIsThere(job) : order(job, id, "cancel", JobStatus.CANCELLED);
    }

    /**
     * Pauses a job there.
     *
     * @param job one that has not ended, and is not paused
     */
    public Future<Job> pause(Job job) {
        return order(job, requireThere(job), "pause", JobStatus.PAUSED);
    }

    /**
     * Has a job go on there.
     *
     * @param job one that is paused
     */
    public Future<Job> resume(Job job) {
        return order(job, requireThere(job), "resume", JobStatus.QUEUED);
    }

    /** Deletes the model there. One that is not there any more is no error. */
    public Future<Void> deleteModel(String upstream, String model) {
        return host(upstream)
                .delete("/models/" + UpstreamIds.inPath(model))
                .<Void>mapEmpty()
                .recover(failure -> failure instanceof UpstreamProblem problem
                                && problem.error().status() == 404
                        ? Future.succeededFuture()
                        : Future.failedFuture(clients(failure)));
    }

    /** Cancels a job of which nobody may know whether it is there; if it is, the next visit ends it. */
    private Future<Job> cancelBeforeItIsThere(Job job) {
        return change(job, (connection, current) -> {
                    String id = current.upstreamJobId();
                    if (id != null) {
                        return Future.failedFuture(new JustTaken(id));
                    }
                    return Database.query(connection, "forwardings.look_now", job.id())
                            .compose(due -> JobTransitions.cancel(connection, current));
                })
                .recover(failure -> failure instanceof JustTaken taken
                        ? order(job, taken.id, "cancel", JobStatus.CANCELLED)
                        : Future.failedFuture(failure));
    }

    private static final class JustTaken extends RuntimeException {
        private final String id;

        private JustTaken(String id) {
            super(id, null, false, false);
            this.id = id;
        }
    }

    private Future<Job> order(Job job, String id, String order, JobStatus expected) {
        UpstreamClient host = host(job.upstream());
        return new UpstreamJobs(host)
                .order(id, order)
                .recover(failure -> Future.failedFuture(clients(failure)))
                .compose(there -> change(
                        job,
                        (connection, current) -> obey(
                                connection,
                                current,
                                there.map(UpstreamJob::status).orElse(expected))));
    }

    /**
     * Gives a job the status that the upstream has given it. Whatever else the order has changed there is seen with the
     * next visit, which is due at once.
     */
    private static Future<Job> obey(SqlConnection connection, Job job, JobStatus status) {
        if (job.status().isFinal() || status == job.status()) {
            return Future.succeededFuture(job);
        }
        if (status == JobStatus.CANCELLED) {
            return Database.query(connection, "forwardings.done", job.id())
                    .compose(done -> JobTransitions.cancel(connection, job));
        }
        boolean isKnownByVisits = status.isFinal() || status == JobStatus.VALIDATING_FILES;
        return (isKnownByVisits
                        ? Future.succeededFuture()
                        : Database.query(connection, "forwardings.status", job.id(), status.text()))
                .compose(changed -> Database.query(connection, "forwardings.look_now", job.id()))
                .compose(due -> JobStore.lock(connection, job.id()))
                .map(Optional::orElseThrow);
    }

    /**
     * Changes a job. The row of its forwarding is locked first and then its own, as visits do it, so that neither waits
     * for the other for ever.
     */
    private Future<Job> change(Job job, BiFunction<SqlConnection, Job, Future<Job>> change) {
        return database.transaction(connection -> Database.query(connection, "forwardings.lock_job", job.id())
                .compose(locked -> JobStore.lock(connection, job.id()))
                .compose(found -> change.apply(connection, found.orElseThrow())));
    }

    private static String requireThere(Job job) {
        String id = job.upstreamJobId();
        if (id == null) {
            throw ApiError.badRequest(
                    "The upstream '" + job.upstream() + "' does not have the job yet. Try again once it is queued"
                            + " there.",
                    "fine_tune_id",
                    "invalid_job_state");
        }
        return id;
    }

    private UpstreamClient host(@Nullable String upstream) {
        return hosts.client(String.valueOf(upstream))
                .orElseThrow(() -> ApiError.unavailable(
                        "The gateway's configuration has no upstream '" + upstream + "' any more.",
                        "upstream_unavailable"));
    }

    private static Throwable clients(Throwable failure) {
        return failure instanceof UpstreamProblem problem ? problem.error() : failure;
    }
}

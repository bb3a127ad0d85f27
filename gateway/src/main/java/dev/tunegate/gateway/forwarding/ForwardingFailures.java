package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.forwarding.ForwardingStore.LeaseLost;
import dev.tunegate.gateway.forwarding.Mirror.TakenName;
import dev.tunegate.gateway.forwarding.UpstreamFiles.MissingFile;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.StorageFull;
import dev.tunegate.gateway.jobs.EventLog;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobError;
import dev.tunegate.gateway.jobs.JobTransitions;
import dev.tunegate.gateway.jobs.NewEvent;
import dev.tunegate.gateway.upstream.UpstreamProblem;
import dev.tunegate.gateway.upstream.UpstreamProblem.Kind;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a visit that went wrong means for the job. An upstream that is away costs time and nothing else, for as long as it
 * takes. What it refuses to take fails the job in its words. One that answers nonsense time and again fails it, too. A
 * refused key fails a job that is not there yet, whose client would wait for nothing; a job that is there goes on, and waits
 * to be seen again until somebody has mended the key.
 */
final class ForwardingFailures {
    private static final Logger log = LoggerFactory.getLogger(ForwardingFailures.class);
    private static final int MOST_NONSENSE = 5;
    private static final int MOST_REFUSED_KEYS = 3;

    private final ForwardingStore store;

    ForwardingFailures(ForwardingStore store) {
        this.store = store;
    }

    Future<Void> take(Forwarding row, Throwable failure) {
        if (failure instanceof LeaseLost) {
            return Future.succeededFuture();
        }
        return store.change(row, (connection, job) -> {
            if (failure instanceof MissingFile missing && !job.status().isFinal()) {
                return JobTransitions.failForDeletedFile(connection, job, missing.field())
                        .compose(failed -> done(connection, job));
            }
            if (failure instanceof TakenName taken) {
                return fail(connection, job, taken.error());
            }
            if (failure instanceof UpstreamProblem problem) {
                return take(connection, row, job, problem);
            }
            if (StorageFull.is(failure)) {
                log.warn("Job {} at upstream {}: its files wait for room on the disk", job.id(), row.upstream());
            } else {
                log.warn(
                        "Job {} at upstream {}: a fault of the gateway; it is tried again",
                        job.id(),
                        row.upstream(),
                        failure);
            }
            return note(connection, job, Kind.LATER, 0);
        });
    }

    private Future<Void> take(SqlConnection connection, Forwarding row, Job job, UpstreamProblem problem) {
        int tries = problem.kind().text().equals(row.problem()) ? row.tries() + 1 : 1;
        boolean isThere = job.upstreamJobId() != null;
        ApiError.Body error = problem.error().body();
        boolean isHopeless = switch (problem.kind()) {
            case LATER -> false;
            case KEY_REFUSED -> !isThere && tries >= MOST_REFUSED_KEYS;
            case REFUSED -> !isThere || tries >= MOST_NONSENSE;
            case NONSENSE -> tries >= MOST_NONSENSE;
        };
        if (job.status().isFinal()) {
            return isHopeless ? done(connection, job) : note(connection, job, problem);
        }
        if (isHopeless) {
            String code = Objects.requireNonNullElse(error.code(), "upstream_refused");
            String left = isThere ? " What it has of the job, " + job.upstreamJobId() + ", was left as it is." : "";
            return fail(connection, job, new JobError(code, error.message() + left, error.param()));
        }
        if (tries > 1) {
            return note(connection, job, problem);
        }
        log.warn("Job {}: {}", job.id(), error.message());
        String told = problem.kind() == Kind.KEY_REFUSED
                ? error.message()
                : error.message() + " It is tried again until it works.";
        return EventLog.append(connection, job.id(), NewEvent.warn(told))
                .compose(written -> note(connection, job, problem));
    }

    private static Future<Void> fail(SqlConnection connection, Job job, JobError error) {
        return JobTransitions.fail(connection, job, error).compose(failed -> done(connection, job));
    }

    private static Future<Void> note(SqlConnection connection, Job job, UpstreamProblem problem) {
        return note(connection, job, problem.kind(), problem.retryAfter().toSeconds());
    }

    private static Future<Void> note(SqlConnection connection, Job job, Kind kind, long seconds) {
        return Database.query(connection, "forwardings.problem", job.id(), kind.text(), (int) seconds)
                .mapEmpty();
    }

    private static Future<Void> done(SqlConnection connection, Job job) {
        return Database.query(connection, "forwardings.done", job.id()).mapEmpty();
    }
}

package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.jobs.EventLog;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.jobs.NewEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The rows of {@code forwardings}: whose turn it is, and who has it. */
final class ForwardingStore {
    private final Database database;

    ForwardingStore(Database database) {
        this.database = database;
    }

    /** Claims the row of these upstreams that is due next; it is this gateway's until its lease runs out. */
    Future<Optional<Forwarding>> claim(String[] upstreams) {
        return database.query("forwardings.claim", (Object) upstreams)
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Forwarding::of)
                        .findFirst());
    }

    Future<Void> renew(Forwarding row) {
        return database.query("forwardings.renew", row.jobId(), row.attempt()).mapEmpty();
    }

    Future<Job> job(Forwarding row) {
        return database.transaction(connection -> JobStore.lock(connection, row.jobId()))
                .map(found -> found.orElseThrow());
    }

    /** Tells which of these events of the upstream the job has already. */
    Future<Set<String>> knownEvents(String jobId, List<String> ids) {
        return database.query("forwardings.known_events", jobId, ids.toArray(new String[0]))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getString("upstream_id"))
                        .collect(Collectors.toSet()));
    }

    /** The lease has gone to another gateway, or the job to its end: what was found out is somebody else's to write. */
    static final class LeaseLost extends RuntimeException {
        private LeaseLost() {
            super("the lease is lost", null, false, false);
        }
    }

    /** Changes a job and its row in one transaction; fails with {@link LeaseLost} where they are no longer this attempt's. */
    <T> Future<T> change(Forwarding row, BiFunction<SqlConnection, Job, Future<T>> change) {
        return database.transaction(connection -> Database.query(
                        connection, "forwardings.lock", row.jobId(), row.attempt())
                .compose(rows -> {
                    if (rows.size() == 0) {
                        throw new LeaseLost();
                    }
                    return JobStore.lock(connection, row.jobId());
                })
                .compose(job -> change.apply(connection, job.orElseThrow())));
    }

    /**
     * Notes that from now on the upstream may have the job. The result is false where the job has ended meanwhile and
     * is not to be created any more.
     */
    Future<Boolean> createSent(Forwarding row) {
        return change(
                row,
                (connection, job) -> job.status().isFinal()
                        ? Future.succeededFuture(false)
                        : Database.query(connection, "forwardings.create_sent", job.id())
                                .map(true));
    }

    /** Notes that the upstream has the job under this id. What it is doing there is looked at next. */
    Future<Void> created(Forwarding row, String upstreamJobId) {
        return change(
                row,
                (connection, job) -> problemIsOver(connection, row)
                        .compose(told -> Database.query(connection, "forwardings.created", job.id(), upstreamJobId))
                        .compose(named -> Database.query(connection, "forwardings.looked", job.id(), true))
                        .mapEmpty());
    }

    /** Tells that a problem is over, if one was told. It does so in the transaction of the visit that went well. */
    static Future<Void> problemIsOver(SqlConnection connection, Forwarding row) {
        return row.problem() == null
                ? Future.succeededFuture()
                : EventLog.append(
                        connection, row.jobId(), NewEvent.info("The upstream '" + row.upstream() + "' answers again"));
    }

    /** Notes that a look is over, in the transaction that writes down what it has seen. */
    static Future<Void> looked(SqlConnection connection, Job job, boolean isNews, boolean isEnd) {
        return (isEnd
                        ? Database.query(connection, "forwardings.done", job.id())
                        : Database.query(connection, "forwardings.looked", job.id(), isNews))
                .mapEmpty();
    }

    Future<Void> done(Forwarding row) {
        return change(
                row,
                (connection, job) ->
                        Database.query(connection, "forwardings.done", job.id()).mapEmpty());
    }
}

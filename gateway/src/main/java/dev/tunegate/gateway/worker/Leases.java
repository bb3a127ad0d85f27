package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobTransitions;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Function;

/** Takes jobs away from workers that are lost: another attempt goes on with them. */
public final class Leases {
    private final Database database;

    public Leases(Database database) {
        this.database = database;
    }

    /** Ends the leases that nobody has renewed in time. */
    public Future<Void> endExpired() {
        return database.query("tasks.expired")
                .compose(rows ->
                        each(rows, id -> endOne(connection -> Database.query(connection, "tasks.lock_expired", id))));
    }

    /** Workers choose a new id at every start; the old ones are of no use. */
    Future<Void> forgetSilentWorkers() {
        return database.query("workers.forget_silent").mapEmpty();
    }

    /** Ends the leases of a worker that is known to be dead, and forgets the worker. */
    public Future<Void> release(String workerId) {
        return database.query("workers.gone", workerId)
                .compose(gone -> database.query("tasks.owned", workerId))
                .compose(rows -> each(
                        rows,
                        id -> endOne(connection -> Database.query(connection, "tasks.lock_owned", id, workerId))));
    }

    /** One after the other, each in a transaction of its own: a job's trouble is its own. */
    private static Future<Void> each(RowSet<Row> rows, Function<String, Future<Void>> work) {
        Future<Void> done = Future.succeededFuture();
        for (Row row : rows) {
            done = done.compose(earlier -> work.apply(row.getString("id")));
        }
        return done;
    }

    /** The lock finds nothing when the worker has reported, or somebody else was faster. */
    private Future<Void> endOne(Function<SqlConnection, Future<RowSet<Row>>> lock) {
        return database.transaction(connection -> lock.apply(connection)
                .compose(rows -> rows.size() == 0
                        ? Future.succeededFuture()
                        : JobTransitions.giveUpWorker(
                                connection, Job.of(rows.iterator().next()))));
    }
}

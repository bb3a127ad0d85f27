package dev.tunegate.gateway.tasks;

import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Statements on {@code tasks}, in the transaction of their caller. Whoever changes a subject's tasks locks the subject first;
 * only a claim takes the task first, and then waits for nothing.
 */
public final class TaskStore {
    private TaskStore() {}

    /** A task and what it is for, before either is locked. */
    public record Reference(long number, String subject) {}

    /** Gives workers that have this base model something to do, as soon as the transaction is committed. */
    public static Future<Void> add(SqlConnection connection, TaskKind kind, String subject, String baseModel) {
        return Database.query(connection, "tasks.add", kind.text(), subject, baseModel)
                .compose(added -> announce(connection));
    }

    /** Hands out a task of a kind that waits for one of these base models: the oldest of the project whose turn it is. */
    public static Future<Optional<Task>> claim(
            SqlConnection connection, String workerId, TaskKind kind, String[] baseModels) {
        return Database.query(connection, "tasks.claim", workerId, kind.text(), baseModels)
                .map(TaskStore::first);
    }

    /** What was last to be done for a subject, ended or not. */
    public static Future<Optional<Task>> latest(SqlConnection connection, String subject) {
        return Database.query(connection, "tasks.latest", subject).map(TaskStore::first);
    }

    /** Counts the attempt as a try from its first sign of life on: an answer to a claim may never have reached a worker. */
    public static Future<Void> heard(SqlConnection connection, Task task) {
        return task.isHeard()
                ? Future.succeededFuture()
                : Database.query(connection, "tasks.heard", task.number()).mapEmpty();
    }

    public static Future<Void> renew(SqlConnection connection, Task task) {
        return Database.query(connection, "tasks.renew", task.number()).mapEmpty();
    }

    /** Renews the lease, and notes that so many events of the attempt have arrived in all. */
    public static Future<Void> received(SqlConnection connection, Task task, int events) {
        return Database.query(connection, "tasks.received", task.number(), events)
                .mapEmpty();
    }

    /** Takes a task from its worker: the next one goes on with it, unless it is paused. */
    public static Future<Void> giveBack(SqlConnection connection, Task task, int tries) {
        return Database.query(connection, "tasks.give_back", task.number(), tries)
                .compose(given -> announce(connection));
    }

    public static Future<Void> pause(SqlConnection connection, String subject) {
        return Database.query(connection, "tasks.pause", subject).mapEmpty();
    }

    public static Future<Void> resume(SqlConnection connection, String subject) {
        return Database.query(connection, "tasks.resume", subject).compose(waiting -> announce(connection));
    }

    /** Ends what is to be done for a subject; nothing happens where there is nothing. */
    public static Future<Void> end(SqlConnection connection, String subject, TaskState state) {
        return Database.query(connection, "tasks.end", subject, state.text()).mapEmpty();
    }

    /** The tasks whose leases have run out. */
    public static Future<List<Reference>> expired(Database database) {
        return database.query("tasks.expired").map(TaskStore::references);
    }

    /** The tasks that a worker holds. */
    public static Future<List<Reference>> owned(Database database, String workerId) {
        return database.query("tasks.owned", workerId).map(TaskStore::references);
    }

    /**
     * A task that its worker has lost, locked; empty where the worker has reported since, or somebody else was faster.
     *
     * @param deadWorker a worker that is known to be dead, null for one that has let its lease run out
     */
    public static Future<Optional<Task>> lost(SqlConnection connection, Reference task, @Nullable String deadWorker) {
        return Database.query(connection, "tasks.lost", task.number(), deadWorker)
                .map(TaskStore::first);
    }

    private static Future<Void> announce(SqlConnection connection) {
        return Database.query(connection, "tasks.announce").mapEmpty();
    }

    private static Optional<Task> first(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).map(Task::of).findFirst();
    }

    private static List<Reference> references(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new Reference(row.getLong("number"), row.getString("subject")))
                .toList();
    }
}

package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.jobs.JobTransitions;
import dev.tunegate.gateway.tasks.TaskStore;
import dev.tunegate.gateway.tasks.TaskStore.Reference;
import io.vertx.core.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes jobs away from workers that are lost: another attempt goes on with them. */
public final class Leases {
    private final Database database;

    public Leases(Database database) {
        this.database = database;
    }

    /** Ends the leases that nobody has renewed in time. */
    public Future<Void> endExpired() {
        return TaskStore.expired(database).compose(tasks -> endAll(tasks, null));
    }

    /** Workers choose a new id at every start; the old ones are of no use. */
    Future<Void> forgetSilentWorkers() {
        return database.query("workers.forget_silent").mapEmpty();
    }

    /** Ends the leases of a worker that is known to be dead, and forgets the worker. */
    public Future<Void> release(String workerId) {
        return database.query("workers.gone", workerId)
                .compose(gone -> TaskStore.owned(database, workerId))
                .compose(tasks -> endAll(tasks, workerId));
    }

    /** One after the other, each in a transaction of its own: a job's trouble is its own. */
    private Future<Void> endAll(List<Reference> tasks, @Nullable String deadWorker) {
        Future<Void> done = Future.succeededFuture();
        for (Reference task : tasks) {
            done = done.compose(earlier -> endOne(task, deadWorker));
        }
        return done;
    }

    private Future<Void> endOne(Reference reference, @Nullable String deadWorker) {
        return database.transaction(connection -> JobStore.lock(connection, reference.subject())
                .compose(job -> TaskStore.lost(connection, reference, deadWorker)
                        .compose(task -> task.isEmpty()
                                ? Future.succeededFuture()
                                : JobTransitions.giveUpWorker(connection, job.orElseThrow(), task.get()))));
    }
}

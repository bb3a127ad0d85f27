package dev.tunegate.gateway.capture;

import static dev.tunegate.gateway.db.Await.await;

import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Keeps everybody from writing stored completions; they can be read. */
final class Lock implements AutoCloseable {
    private final Database database;
    private final Promise<Void> release = Promise.promise();
    private final Future<Void> held;

    Lock(Database database) {
        this.database = database;
        Promise<Void> locked = Promise.promise();
        held = database.transaction(connection -> connection
                .query("lock table stored_completions in share mode")
                .execute()
                .<Void>mapEmpty()
                .onComplete(locked)
                .compose(done -> release.future()));
        await(locked.future());
    }

    /** How many writers wait. */
    long waiting() {
        return await(database.pool()
                        .query("select count(*) from pg_locks"
                                + " where not granted and relation = 'stored_completions'::regclass")
                        .execute())
                .iterator()
                .next()
                .getLong(0);
    }

    @Override
    public void close() {
        release.tryComplete();
        await(held);
    }
}

package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Keeps everybody from a table until it is closed. */
public final class TableLock implements AutoCloseable {
    private final Database database;
    private final String table;
    private final Promise<Void> release = Promise.promise();
    private final Future<Void> held;

    private TableLock(Database database, String table, String mode) {
        this.database = database;
        this.table = table;
        Promise<Void> locked = Promise.promise();
        held = database.transaction(connection -> connection
                .query("lock table " + table + " in " + mode + " mode")
                .execute()
                .<Void>mapEmpty()
                .onComplete(locked)
                .compose(done -> release.future()));
        await(locked.future());
    }

    /** A table that can be read, and not written. */
    public static TableLock onWriting(Database database, String table) {
        return new TableLock(database, table, "share");
    }

    public static TableLock onReading(Database database, String table) {
        return new TableLock(database, table, "access exclusive");
    }

    /** How many wait for the table. */
    public long waiting() {
        return await(database.pool()
                        .query("select count(*) from pg_locks where not granted and relation = '" + table
                                + "'::regclass")
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

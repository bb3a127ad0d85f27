package dev.tunegate.gateway.capture;

import static dev.tunegate.gateway.db.Await.await;

import dev.tunegate.gateway.db.TestDatabase;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Transaction;

/** Keeps everybody from writing stored completions; they can be read. */
final class Lock implements AutoCloseable {
    private final TestDatabase database;
    private final PgConnection connection;
    private final Transaction transaction;

    Lock(TestDatabase database) {
        this.database = database;
        connection = await(PgConnection.connect(database.vertx(), database.url()));
        transaction = await(connection.begin());
        await(connection.query("lock table stored_completions in share mode").execute());
    }

    /** How many writers wait. */
    long waiting() {
        return await(database.database()
                        .pool()
                        .query("select count(*) from pg_locks"
                                + " where not granted and relation = 'stored_completions'::regclass")
                        .execute())
                .iterator()
                .next()
                .getLong(0);
    }

    @Override
    public void close() {
        await(transaction.rollback().eventually(connection::close));
    }
}

package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;

import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Transaction;

/** Keeps everybody from a table until it is closed. It has a connection of its own, which no deadline of the gateway's ends. */
public final class TableLock implements AutoCloseable {
    private final TestDatabase database;
    private final String table;
    private final PgConnection connection;
    private final Transaction transaction;

    private TableLock(TestDatabase database, String table, String mode) {
        this.database = database;
        this.table = table;
        connection = await(PgConnection.connect(database.vertx(), database.url()));
        transaction = await(connection.begin());
        await(connection.query("lock table " + table + " in " + mode + " mode").execute());
    }

    /** A table that can be read, and not written. */
    public static TableLock onWriting(TestDatabase database, String table) {
        return new TableLock(database, table, "share");
    }

    public static TableLock onReading(TestDatabase database, String table) {
        return new TableLock(database, table, "access exclusive");
    }

    /** How many wait for the table. */
    public long waiting() {
        return await(database.database()
                        .pool()
                        .query("select count(*) from pg_locks where not granted and relation = '" + table
                                + "'::regclass")
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

package dev.tunegate.gateway.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's Postgres: migrated when opened, then a connection pool and its transactions. Nothing here waits without
 * end; what cannot be had in time fails with {@link DatabaseUnavailable}.
 */
public final class Database {
    private static final int CONNECTIONS = 16;

    private final Vertx vertx;
    private final Connections connections;
    private final Pool pool;

    private Database(Vertx vertx, Connections connections) {
        this.vertx = vertx;
        this.connections = connections;
        this.pool = connections.pool(CONNECTIONS);
    }

    /**
     * Migrates the database and opens a pool to it. A database that cannot be used fails it with an {@link IOException}
     * for the person at the terminal.
     *
     * @param url {@code postgres://user:password@host:port/database}
     */
    public static Future<Database> open(Vertx vertx, String url) {
        return open(vertx, url, Patience.DEFAULT);
    }

    static Future<Database> open(Vertx vertx, String url, Patience patience) {
        PgConnectOptions options;
        try {
            options = Connections.options(url);
        } catch (IOException e) {
            return Future.failedFuture(e);
        }
        return vertx.executeBlocking(() -> Migrations.run(options, patience), false)
                .map(done -> new Database(vertx, new Connections(vertx, options, patience)));
    }

    public Pool pool() {
        return pool;
    }

    /**
     * More connections, for work that must not take the others' away.
     *
     * @param longestStatement Postgres gives up a statement that takes longer
     */
    public Pool separatePool(int size, Duration longestStatement) {
        return connections.pool(size, connections.patience().withStatement(longestStatement));
    }

    /** Hears what is announced on a channel, over a connection of its own. */
    public Listener listen(String channel, Runnable heard) {
        return new Listener(vertx, connections.pool(1), channel, heard);
    }

    /** Runs one named statement on its own. */
    public Future<RowSet<Row>> query(String name, @Nullable Object... parameters) {
        return bounded(query(pool, name, parameters), connections.patience().answer());
    }

    /** Runs one named statement within a transaction, whose time it has. */
    public static Future<RowSet<Row>> query(SqlClient client, String name, @Nullable Object... parameters) {
        return client.preparedQuery(Sql.get(name))
                .execute(Tuple.from(parameters))
                .recover(failure -> Future.failedFuture(DatabaseUnavailable.translated(failure)));
    }

    /** Commits what the function's statements did when its future succeeds, else changes nothing. */
    public <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
        return bounded(pool.withTransaction(work), connections.patience().answer());
    }

    /** Succeeds when Postgres has answered within the time. */
    public Future<Void> ping(Duration within) {
        return bounded(pool.query("select 1").execute(), within).mapEmpty();
    }

    private static <T> Future<T> bounded(Future<T> answer, Duration time) {
        return answer.timeout(time.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(DatabaseUnavailable.translated(failure)));
    }

    public Future<Void> close() {
        return pool.close();
    }
}

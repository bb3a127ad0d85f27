package dev.tunegate.gateway.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;
import java.util.function.Function;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

/** The gateway's Postgres: migrated when opened, then a connection pool and its transactions. */
public final class Database {
    private static final int CONNECTIONS = 16;

    private final PgConnectOptions options;
    private final Pool pool;

    private Database(PgConnectOptions options, Pool pool) {
        this.options = options;
        this.pool = pool;
    }

    /**
     * Migrates the database and opens a pool to it.
     *
     * @param url {@code postgres://user:password@host:port/database}
     */
    public static Future<Database> open(Vertx vertx, String url) {
        PgConnectOptions options;
        try {
            options = PgConnectOptions.fromUri(url).setCachePreparedStatements(true);
        } catch (IllegalArgumentException e) {
            return Future.failedFuture(new IllegalArgumentException(
                    "The database URL must look like postgres://user:password@host:5432/database", e));
        }
        return vertx.executeBlocking(() -> migrate(options))
                .map(done -> new Database(
                        options,
                        PgBuilder.pool()
                                .with(new PoolOptions().setMaxSize(CONNECTIONS))
                                .connectingTo(options)
                                .using(vertx)
                                .build()));
    }

    private static @Nullable Void migrate(PgConnectOptions options) {
        String url = "jdbc:postgresql://" + options.getHost() + ":" + options.getPort() + "/" + options.getDatabase()
                + "?sslmode="
                + options.getSslMode().name().toLowerCase(Locale.ROOT).replace('_', '-');
        Flyway.configure()
                .dataSource(url, options.getUser(), options.getPassword())
                .connectRetries(10)
                .load()
                .migrate();
        return null;
    }

    public Pool pool() {
        return pool;
    }

    /** The options for the one connection outside the pool, which is the listener's. */
    public PgConnectOptions options() {
        return options;
    }

    /** Runs one named statement on its own. */
    public Future<RowSet<Row>> query(String name, @Nullable Object... parameters) {
        return query(pool, name, parameters);
    }

    /** Runs one named statement within a transaction. */
    public static Future<RowSet<Row>> query(SqlClient client, String name, @Nullable Object... parameters) {
        return client.preparedQuery(Sql.get(name)).execute(Tuple.from(parameters));
    }

    /** Commits what the function's statements did when its future succeeds, else changes nothing. */
    public <T> Future<T> transaction(Function<SqlConnection, Future<T>> work) {
        return pool.withTransaction(work);
    }

    public Future<Void> close() {
        return pool.close();
    }
}

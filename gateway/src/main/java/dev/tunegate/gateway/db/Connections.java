package dev.tunegate.gateway.db;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Pools of connections that end by themselves. A way that swallows what is sent (a cable pulled, a firewall that has
 * forgotten) looks like a Postgres that thinks for a long time, and TCP would take a quarter of an hour to tell: so both
 * ends give a silent connection up.
 */
final class Connections {
    private final Vertx vertx;
    private final PgConnectOptions options;
    private final Patience patience;

    Connections(Vertx vertx, PgConnectOptions options, Patience patience) {
        this.vertx = vertx;
        this.options = options;
        this.patience = patience;
    }

    /** @param url {@code postgres://user:password@host:port/database} */
    static PgConnectOptions options(String url) throws IOException {
        try {
            return PgConnectOptions.fromUri(url).setCachePreparedStatements(true);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "The database URL must look like postgres://user:password@host:5432/database"
                            + " (--database-url, TUNEGATE_DATABASE_URL)",
                    e);
        }
    }

    Patience patience() {
        return patience;
    }

    Pool pool(int size) {
        return pool(size, patience);
    }

    Pool pool(int size, Patience limits) {
        return PgBuilder.pool()
                .with(new PoolOptions()
                        .setMaxSize(size)
                        .setConnectionTimeout(millis(limits.connect()))
                        .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setIdleTimeout(millis(limits.idle()))
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setPoolCleanerPeriod(millis(Patience.IDLE_CHECK)))
                .with(new NetClientOptions()
                        .setConnectTimeout(millis(limits.connect()))
                        .setTcpKeepAlive(true)
                        .setReadIdleTimeout(millis(limits.silence()))
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS))
                .connectingTo(session(limits))
                .using(vertx)
                .build();
    }

    /**
     * What Postgres is told when a connection begins. Without it a gateway that has vanished in the midst of a transaction
     * would keep its rows locked until TCP gives up, for all other gateways, too.
     */
    private PgConnectOptions session(Patience limits) {
        String statement = Long.toString(limits.statement().toMillis());
        String silence = Long.toString(limits.silence().toMillis());
        String seconds = Long.toString(Math.max(1, limits.silence().toSeconds() / 3));
        return new PgConnectOptions(options)
                .addProperty("statement_timeout", statement)
                .addProperty("idle_in_transaction_session_timeout", statement)
                .addProperty("tcp_user_timeout", silence)
                .addProperty("tcp_keepalives_idle", seconds)
                .addProperty("tcp_keepalives_interval", seconds)
                .addProperty("tcp_keepalives_count", "2");
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }
}

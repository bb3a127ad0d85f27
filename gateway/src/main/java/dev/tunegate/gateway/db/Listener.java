package dev.tunegate.gateway.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what is announced on one of Postgres's channels. A listener never asks anything, so that it would not notice that
 * nobody is there any more: it says hello every second, and where no answer comes the connection is closed and made anew.
 */
public final class Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final Duration HELLO = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Pool pool;
    private final String channel;
    private final Runnable heard;
    private final long timer;
    private final AtomicReference<@Nullable PgConnection> current = new AtomicReference<>();
    private final AtomicBoolean isBusy = new AtomicBoolean();
    private final AtomicBoolean isMissed = new AtomicBoolean();

    /**
     * Begins to listen.
     *
     * @param pool of one connection
     * @param heard is run for each announcement, and when there may have been some that nobody heard
     */
    Listener(Vertx vertx, Pool pool, String channel, Runnable heard) {
        this.vertx = vertx;
        this.pool = pool;
        this.channel = channel;
        this.heard = heard;
        this.timer = vertx.setPeriodic(0, HELLO.toMillis(), id -> look());
    }

    private void look() {
        if (isBusy.compareAndSet(false, true)) {
            PgConnection connection = current.get();
            Future<Void> done = connection == null ? connect() : hello(connection);
            done.onComplete(end -> isBusy.set(false));
        }
    }

    private Future<Void> connect() {
        return pool.getConnection()
                .compose(leased -> {
                    PgConnection connection = PgConnection.cast(leased);
                    connection.notificationHandler(announcement -> heard.run());
                    connection.closeHandler(gone -> lost(connection));
                    current.set(connection);
                    return hello(connection, "listen " + channel);
                })
                .onSuccess(listening -> {
                    isMissed.set(false);
                    heard.run();
                })
                .onFailure(failure -> {
                    if (!isMissed.getAndSet(true)) {
                        LOG.warn(
                                "No notifications from Postgres ({}); what they say is found by looking",
                                failure.toString());
                    }
                });
    }

    private Future<Void> hello(PgConnection connection) {
        return hello(connection, "select 1");
    }

    private Future<Void> hello(PgConnection connection, String sql) {
        return connection
                .query(sql)
                .execute()
                .onFailure(failure -> {
                    lost(connection);
                    connection.close();
                })
                .mapEmpty();
    }

    private void lost(PgConnection connection) {
        current.compareAndSet(connection, null);
    }

    public Future<Void> close() {
        vertx.cancelTimer(timer);
        return pool.close();
    }
}

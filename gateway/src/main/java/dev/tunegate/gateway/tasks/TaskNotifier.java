package dev.tunegate.gateway.tasks;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Listener;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Wakes waiting pollers: at once when any gateway notifies of a task, and once a second anyway, which is what is relied
 * on. A lost notification costs a second, a lost listening connection nothing else.
 */
public final class TaskNotifier {
    private static final String CHANNEL = "tunegate_tasks";
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final Listener listener;
    private final AtomicReference<Promise<Void>> next = new AtomicReference<>(Promise.promise());
    private final long timer;
    private volatile boolean isClosed;

    public TaskNotifier(Vertx vertx, Database database) {
        this.vertx = vertx;
        this.listener = database.listen(CHANNEL, this::ring);
        this.timer = vertx.setPeriodic(POLL_INTERVAL.toMillis(), id -> ring());
    }

    /** Completes when there may be news. Ask before looking: what comes in between rings this future. */
    public Future<Void> next() {
        return next.get().future();
    }

    private void ring() {
        next.getAndSet(Promise.promise()).complete();
    }

    /** Whether waiting is over for good. */
    public boolean isClosed() {
        return isClosed;
    }

    /** Rings for the last time: nobody is to wait any longer. */
    public Future<Void> close() {
        isClosed = true;
        vertx.cancelTimer(timer);
        ring();
        return listener.close();
    }
}

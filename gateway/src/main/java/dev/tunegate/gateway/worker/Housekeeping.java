package dev.tunegate.gateway.worker;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done time and again, on any gateway: end expired leases, forget silent workers, remove unused bytes. */
public final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final Leases leases;
    private final JobBlobs blobs;
    private final long timer;
    private final AtomicReference<Future<Void>> last = new AtomicReference<>(Future.succeededFuture());

    Housekeeping(Vertx vertx, Leases leases, JobBlobs blobs) {
        this.vertx = vertx;
        this.leases = leases;
        this.blobs = blobs;
        this.timer = vertx.setPeriodic(INTERVAL.toMillis(), id -> tick());
    }

    Future<Void> run() {
        return leases.endExpired()
                .compose(ended -> leases.forgetSilentWorkers())
                .compose(forgotten -> blobs.removeUnused());
    }

    /** Completes when what is under way has ended. */
    Future<Void> close() {
        vertx.cancelTimer(timer);
        return last.get().otherwiseEmpty();
    }

    private void tick() {
        if (last.get().isComplete()) {
            last.set(run().onFailure(
                            e -> LOG.warn("Housekeeping failed and is tried again in {} s", INTERVAL.toSeconds(), e)));
        }
    }
}

package dev.tunegate.gateway.worker;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to be done time and again, on any gateway: end expired leases, remove unused bytes. */
public final class Housekeeping {
    private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final Leases leases;
    private final JobBlobs blobs;
    private final AtomicBoolean isBusy = new AtomicBoolean();
    private final long timer;

    Housekeeping(Vertx vertx, Leases leases, JobBlobs blobs) {
        this.vertx = vertx;
        this.leases = leases;
        this.blobs = blobs;
        this.timer = vertx.setPeriodic(INTERVAL.toMillis(), id -> tick());
    }

    Future<Void> run() {
        return leases.endExpired().compose(ended -> blobs.removeUnused());
    }

    void close() {
        vertx.cancelTimer(timer);
    }

    private void tick() {
        if (isBusy.compareAndSet(false, true)) {
            run().onFailure(e -> LOG.warn("Housekeeping failed and is tried again in {} s", INTERVAL.toSeconds(), e))
                    .onComplete(done -> isBusy.set(false));
        }
    }
}

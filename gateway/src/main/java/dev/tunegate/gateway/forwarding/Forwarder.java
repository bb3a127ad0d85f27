package dev.tunegate.gateway.forwarding;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.jobs.Hyperparameters;
import dev.tunegate.gateway.upstream.UpstreamClient;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Visits upstreams for the jobs that are due. Every gateway does; the rows' leases keep them from doing the same twice. */
public final class Forwarder {
    private static final Logger log = LoggerFactory.getLogger(Forwarder.class);
    private static final Duration RENEWAL = Duration.ofSeconds(5);
    /** A slow upstream holds up its own jobs and not those of others. */
    private static final int AT_ONCE = 16;

    private final Vertx vertx;
    private final Hosts hosts;
    private final ForwardingStore store;
    private final UpstreamFiles files;
    private final ResultFiles results;
    private final Hyperparameters hyperparameters;
    private final ForwardingFailures failures;
    private final long timer;
    private final AtomicReference<Future<Void>> last = new AtomicReference<>(Future.succeededFuture());
    private final Set<Future<Void>> visits = ConcurrentHashMap.newKeySet();
    private volatile boolean isClosed;

    public Forwarder(
            Vertx vertx,
            Database database,
            BlobStore blobs,
            Hosts hosts,
            Hyperparameters hyperparameters,
            Duration lookEvery) {
        this.vertx = vertx;
        this.hosts = hosts;
        this.store = new ForwardingStore(database);
        this.files = new UpstreamFiles(database, blobs);
        this.results = new ResultFiles(database, blobs);
        this.hyperparameters = hyperparameters;
        this.failures = new ForwardingFailures(store);
        this.timer = hosts.names().length == 0 ? -1 : vertx.setPeriodic(1, lookEvery.toMillis(), id -> tick());
    }

    private void tick() {
        if (last.get().isComplete()) {
            last.set(visitAllDue().onFailure(failure -> log.warn("Forwarded jobs are looked after shortly", failure)));
        }
    }

    private Future<Void> visitAllDue() {
        if (isClosed || visits.size() >= AT_ONCE) {
            return Future.succeededFuture();
        }
        return store.claim(hosts.names()).compose(claimed -> {
            if (claimed.isEmpty()) {
                return Future.succeededFuture();
            }
            begin(claimed.get());
            return visitAllDue();
        });
    }

    private void begin(Forwarding row) {
        UpstreamClient host = hosts.client(row.upstream()).orElseThrow();
        long renewal = vertx.setPeriodic(RENEWAL.toMillis(), id -> store.renew(row));
        Promise<Void> ended = Promise.promise();
        visits.add(ended.future());
        new ForwardingPass(store, files, results, hyperparameters, host, row)
                .run()
                .recover(failure -> failures.take(row, failure))
                .onFailure(failure -> log.warn("Job {} is looked after again shortly", row.jobId(), failure))
                .onComplete(done -> {
                    vertx.cancelTimer(renewal);
                    visits.remove(ended.future());
                    ended.complete();
                });
    }

    /** Completes when what is under way has ended: soon, because the upstreams' clients are closed. */
    public Future<Void> close() {
        isClosed = true;
        vertx.cancelTimer(timer);
        return hosts.close()
                .compose(closed -> last.get().otherwiseEmpty())
                .compose(ended -> Future.join(visits.stream().toList()))
                .mapEmpty();
    }
}

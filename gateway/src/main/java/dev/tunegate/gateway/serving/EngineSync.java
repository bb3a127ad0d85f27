package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.serving.EngineModelStore.Claimed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what one engine has the same as what it is to have: loads, looks whether it is still there, loads again,
 * unloads. Every gateway does so; the rows' leases keep them from doing the same twice.
 */
final class EngineSync {
    private static final Logger LOG = LoggerFactory.getLogger(EngineSync.class);
    private static final Duration RENEWAL = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final String label;
    private final String baseModel;
    private final EngineModelStore store;
    private final Engine engine;
    private final FirstAnswer firstAnswer;
    private final long timer;
    private final AtomicReference<Future<Void>> last = new AtomicReference<>(Future.succeededFuture());
    /** The problems that have been logged, by model, so that each is logged once. */
    private final Map<String, String> told = new ConcurrentHashMap<>();

    private volatile boolean isClosed;

    /** @param baseModel its name there */
    EngineSync(
            Vertx vertx,
            String label,
            String baseModel,
            EngineModelStore store,
            Engine engine,
            FirstAnswer firstAnswer,
            Duration lookEvery) {
        this.vertx = vertx;
        this.label = label;
        this.baseModel = baseModel;
        this.store = store;
        this.engine = engine;
        this.firstAnswer = firstAnswer;
        this.timer = vertx.setPeriodic(1, lookEvery.toMillis(), id -> tick());
    }

    private void tick() {
        if (last.get().isComplete()) {
            last.set(pass().onFailure(failure -> LOG.warn("{}: looked after again shortly", label, failure)));
        }
    }

    /**
     * Does what is due, one model after the other. What the engine has is asked before each of them: loading one may take
     * minutes, and what was known before says nothing about the next any more.
     */
    private Future<Void> pass() {
        return store.enroll()
                .compose(enrolled -> store.isAnyDue())
                .compose(due -> due && !isClosed ? lookAfterWhatIsDue() : Future.succeededFuture());
    }

    private Future<Void> lookAfterWhatIsDue() {
        return engine.inventory()
                .transform(inventory ->
                        inventory.succeeded() ? reached(inventory.result()) : outOfReach(problem(inventory.cause())));
    }

    private Future<Void> outOfReach(EngineProblem problem) {
        tell("", problem.reason());
        return store.outOfReach(problem);
    }

    private Future<Void> reached(Set<String> inventory) {
        told.remove("");
        return store.confirm(inventory)
                .compose(confirmed -> store.claim(inventory))
                .compose(claimed -> claimed.isEmpty()
                        ? Future.succeededFuture()
                        : work(claimed.get(), inventory).compose(done -> pass()));
    }

    private Future<Void> work(Claimed row, Set<String> inventory) {
        long renewal = vertx.setPeriodic(RENEWAL.toMillis(), id -> store.renew(row));
        return (row.isDeleted() ? unload(row) : load(row, inventory))
                .recover(failure -> notReady(row, problem(failure)))
                .onComplete(done -> vertx.cancelTimer(renewal));
    }

    private Future<Void> load(Claimed row, Set<String> inventory) {
        return bring(row, inventory)
                .compose(there -> firstAnswer.of(row.name()))
                .compose(answered -> store.ready(row))
                .onSuccess(ready -> {
                    told.remove(row.name());
                    LOG.info("{}: {} answers", label, row.name());
                });
    }

    private Future<Void> bring(Claimed row, Set<String> inventory) {
        String adapter = row.adapterBlob();
        if (inventory.contains(row.name())) {
            return Future.succeededFuture();
        }
        return adapter != null
                ? engine.load(row.name(), adapter)
                : Future.failedFuture(EngineProblem.lasting("it has no model '" + baseModel
                        + "'; the serving entry's model says what it calls its base model"));
    }

    private Future<Void> unload(Claimed row) {
        return engine.unload(row.name()).compose(gone -> store.remove(row)).onSuccess(removed -> {
            told.remove(row.name());
            LOG.info("{}: {} is unloaded", label, row.name());
        });
    }

    private Future<Void> notReady(Claimed row, EngineProblem problem) {
        tell(row.name(), problem.reason());
        return store.notReady(row, problem);
    }

    private void tell(String name, String reason) {
        if (!isClosed && !reason.equals(told.put(name, reason))) {
            LOG.warn("{}{}: {}", label, name.isEmpty() ? "" : ", " + name, reason);
        }
    }

    /** Takes every failure that is not the engine's for a fault of our own. */
    private EngineProblem problem(Throwable failure) {
        if (failure instanceof EngineProblem known) {
            return known;
        }
        LOG.warn("{}: a fault in looking after it", label, failure);
        return EngineProblem.passing("the gateway had an error; its log has the details");
    }

    /** Completes when what is under way has ended: soon, once the engine's client is closed. */
    Future<Void> close() {
        isClosed = true;
        vertx.cancelTimer(timer);
        return last.get().otherwiseEmpty();
    }
}

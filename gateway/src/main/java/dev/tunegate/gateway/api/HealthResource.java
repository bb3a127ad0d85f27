package dev.tunegate.gateway.api;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.Resource;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;

/** Tells whether the gateway is up, and whether it can work. */
public final class HealthResource implements Resource {
    /** Load balancers ask every few seconds, and give up sooner than a query may take. */
    private static final Duration READY_WITHIN = Duration.ofSeconds(2);

    private final Database database;

    public HealthResource(Database database) {
        this.database = database;
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of("isLive", ctx -> Future.succeededFuture(new Health("ok")), "isReady", ctx -> ready());
    }

    private Future<Health> ready() {
        return database.ping(READY_WITHIN).map(answered -> new Health("ok"));
    }

    /** {"status":"ok"} */
    record Health(String status) {}
}

package dev.tunegate.gateway.api;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.Resource;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import java.util.Map;

/** Tells whether the gateway is up, and whether it can work. */
public final class HealthResource implements Resource {
    private final Pool pool;

    public HealthResource(Pool pool) {
        this.pool = pool;
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of("isLive", ctx -> Future.succeededFuture(new Health("ok")), "isReady", ctx -> ready());
    }

    private Future<Health> ready() {
        return pool.query("select 1")
                .execute()
                .transform(result -> result.succeeded()
                        ? Future.succeededFuture(new Health("ok"))
                        : Future.failedFuture(
                                ApiError.unavailable("The database does not answer.", "database_unavailable")));
    }

    /** {"status":"ok"} */
    record Health(String status) {}
}

package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;

/** Decides who may call. Both futures fail with the {@link ApiError} that a caller without access is to see. */
public interface Authenticator {
    /** The caller of one of the API's operations. */
    Future<Caller> caller(HttpServerRequest request);

    /** Succeeds for a worker. */
    Future<Void> worker(HttpServerRequest request);
}

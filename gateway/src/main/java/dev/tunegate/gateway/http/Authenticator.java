package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;

/**
 * Decides who may call. The futures of {@link #caller} and {@link #worker} fail with the {@link ApiError} that a caller
 * without access is to see.
 */
public interface Authenticator {
    /** The caller of one of the API's operations. */
    Future<Caller> caller(HttpServerRequest request);

    /** A worker, as whom its key names. */
    Future<Caller> worker(HttpServerRequest request);

    /** Finds those of these keys that open nothing any more. */
    Future<List<String>> revoked(List<String> keyIds);
}

package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;

/**
 * An operation answers one operationId of openapi.yaml. The future's value is sent as JSON with status 200; a response
 * that the operation has ended itself is left alone. A throw or failure with an {@link ApiError} becomes that error,
 * anything else a 500 without details.
 */
@FunctionalInterface
public interface Operation {
    Future<?> answer(RoutingContext ctx);
}

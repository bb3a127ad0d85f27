package dev.tunegate.gateway.http;

import io.vertx.ext.web.RoutingContext;
import java.util.Objects;

/** Parameters in a request's path, decoded. */
public final class PathParameter {
    private PathParameter() {}

    /** The parameter that the operation's path in openapi.yaml has between braces. */
    public static String of(RoutingContext ctx, String name) {
        return Objects.requireNonNull(ctx.pathParam(name), () -> "the path has no parameter " + name);
    }
}

package dev.tunegate.gateway.http;

import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one on whose behalf a request comes. Every row carries a project, and a caller sees its own project's rows only.
 *
 * @param keyId null where no key was needed
 */
public record Caller(String project, @Nullable String keyId) {
    /** The project of whoever calls an open gateway. */
    public static final String DEFAULT_PROJECT = "default";

    private static final String KEY = Caller.class.getName();

    public static Caller of(RoutingContext ctx) {
        return find(ctx).orElseThrow(() -> new IllegalStateException("the operation's security names no API key"));
    }

    /**
     * The caller of a request. It is empty before one is known, as in answers to those who are turned away, and on the
     * workers' side.
     */
    public static Optional<Caller> find(RoutingContext ctx) {
        return Optional.ofNullable(ctx.get(KEY));
    }

    /** Makes this the caller of a request. */
    public void enter(RoutingContext ctx) {
        ctx.put(KEY, this);
    }
}

package dev.tunegate.gateway.http;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Query parameters, decoded; an empty value counts as absent. */
public final class Query {
    private Query() {}

    public static @Nullable String optional(RoutingContext ctx, String name) {
        String value = all(ctx).get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** Tells whether a parameter stands for null: OpenAI's form is `name=null`, the Node SDK sends `name=`. */
    public static boolean isNull(RoutingContext ctx, String name) {
        String value = all(ctx).get(name);
        return value != null && (value.isEmpty() || value.equals("null"));
    }

    /**
     * Tells whether a list is to begin with the newest: the query has `order=desc`, or it has no order and the list
     * does so by itself.
     */
    public static boolean isDescending(RoutingContext ctx, boolean byItself) {
        String order = optional(ctx, "order");
        if (order != null && !order.equals("asc") && !order.equals("desc")) {
            throw ApiError.badRequest(
                    "'" + ApiError.quoted(order) + "' is not one of ['asc', 'desc'] - 'order'", "order");
        }
        return order == null ? byItself : order.equals("desc");
    }

    /** Reads `metadata[a]=b&metadata[c]=d` as {a: b, c: d} when the name is `metadata`. */
    public static Map<String, String> map(RoutingContext ctx, String name) {
        Map<String, String> map = new LinkedHashMap<>();
        all(ctx).forEach((key, value) -> {
            if (key.startsWith(name + "[") && key.endsWith("]")) {
                map.put(key.substring(name.length() + 1, key.length() - 1), value);
            }
        });
        return map;
    }

    private static MultiMap all(RoutingContext ctx) {
        try {
            return ctx.queryParams();
        } catch (RuntimeException e) { // Vert.x wraps what its decoder throws in an exception of its own
            throw ApiError.badRequest("The query string is not valid percent-encoded UTF-8.", null);
        }
    }
}

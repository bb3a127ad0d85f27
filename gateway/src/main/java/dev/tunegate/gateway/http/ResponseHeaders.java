package dev.tunegate.gateway.http;

import io.vertx.core.MultiMap;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** The headers that OpenAI's answers carry, errors included; SDKs show x-request-id in their exceptions. */
public final class ResponseHeaders {
    private static final String REQUEST_ID = ResponseHeaders.class.getName();

    private ResponseHeaders() {}

    /** Sees to it that the response will have these headers, and returns its request id. */
    static String announce(RoutingContext ctx) {
        long start = System.nanoTime();
        String requestId = requestId();
        ctx.put(REQUEST_ID, requestId);
        ctx.addHeadersEndHandler(sending -> {
            String project = Caller.find(ctx).map(Caller::project).orElse(Caller.DEFAULT_PROJECT);
            put(ctx.response().headers(), requestId, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start), project);
        });
        return requestId;
    }

    /** The request id that the response has been announced to have. */
    public static String requestId(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.get(REQUEST_ID));
    }

    static void put(MultiMap headers, String requestId, long millis, String organization) {
        headers.set("x-request-id", requestId);
        headers.set("openai-version", "2020-10-01");
        headers.set("openai-processing-ms", Long.toString(millis));
        headers.set("openai-organization", organization);
    }

    static String requestId() {
        return "req_" + UUID.randomUUID().toString().replace("-", "");
    }
}

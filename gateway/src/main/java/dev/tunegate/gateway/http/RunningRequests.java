package dev.tunegate.gateway.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests that are being answered to callers with a key. When a key is revoked, what runs with it ends: its
 * connections are closed, which every operation takes for a client that has left. A stream of events says why first.
 */
final class RunningRequests {
    private static final Logger log = LoggerFactory.getLogger(RunningRequests.class);

    /** One question for all keys in so long: with the second for which a busy key is known, a revoked one has two. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private static final String EVENT_STREAM = "text/event-stream";

    private final Vertx vertx;
    private final Authenticator authenticator;
    private final Map<RoutingContext, Running> running = new ConcurrentHashMap<>();
    private Future<?> lastLook = Future.succeededFuture();

    /** @param context where its connection is to be used */
    private record Running(String keyId, Context context) {}

    RunningRequests(Vertx vertx, Authenticator authenticator) {
        this.vertx = vertx;
        this.authenticator = authenticator;
    }

    /** Looks for revoked keys from now on, until Vert.x is closed. */
    void watch() {
        vertx.setPeriodic(LOOK_EVERY.toMillis(), timer -> {
            if (lastLook.isComplete()) {
                lastLook = look();
            }
        });
    }

    /** Notes that a request has been let in. */
    void begin(RoutingContext ctx, Caller caller) {
        if (caller.keyId() != null) {
            running.put(ctx, new Running(caller.keyId(), vertx.getOrCreateContext()));
        }
    }

    /** Notes that a request has been answered. */
    void end(RoutingContext ctx) {
        running.remove(ctx);
    }

    private Future<?> look() {
        List<String> keys =
                running.values().stream().map(Running::keyId).distinct().toList();
        if (keys.isEmpty()) {
            return Future.succeededFuture();
        }
        return authenticator
                .revoked(keys)
                .onSuccess(revoked -> revoked.forEach(this::endAll))
                .onFailure(failure -> log.warn("It is not known whether keys were revoked; asked again", failure));
    }

    private void endAll(String keyId) {
        running.forEach((ctx, request) -> {
            if (request.keyId().equals(keyId) && running.remove(ctx, request)) {
                log.info("The key {} was revoked: {} ends", keyId, ResponseHeaders.requestId(ctx));
                request.context().runOnContext(there -> cutOff(ctx.response()));
            }
        });
    }

    private static void cutOff(HttpServerResponse response) {
        if (response.closed() || response.ended()) {
            return;
        }
        String type = response.headers().get("content-type");
        Future<Void> told = response.headWritten() && type != null && type.startsWith(EVENT_STREAM)
                ? response.write(event(ApiError.revokedKey()))
                : Future.succeededFuture();
        told.eventually(response::reset);
    }

    /** SDKs raise an error for it. The empty line ends an event that may be under way. */
    private static Buffer event(ApiError error) {
        return Buffer.buffer("\n\ndata: ").appendBuffer(Responses.body(error)).appendString("\n\n");
    }
}

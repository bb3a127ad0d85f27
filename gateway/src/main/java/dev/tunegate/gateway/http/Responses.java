package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.HttpException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns what an operation came to into a response. */
final class Responses {
    private static final Logger log = LoggerFactory.getLogger(Responses.class);
    /** Whatever is not there now is there again shortly; SDKs wait for as long as they are told. */
    private static final String RETRY_AFTER_SECONDS = "2";

    private Responses() {}

    /** Sends an operation's value, unless the operation has answered by itself. */
    static Future<Void> send(RoutingContext ctx, @Nullable Object value) {
        HttpServerResponse response = ctx.response();
        if (response.headWritten() || response.closed()) {
            return Future.succeededFuture();
        }
        if (value == null) {
            return Future.failedFuture(new IllegalStateException("the operation has no answer"));
        }
        return json(response, Json.bytes(value));
    }

    /** Sends the error that a failure amounts to; a response that is under way can only be broken off. */
    static Future<Void> fail(RoutingContext ctx, String requestId, Throwable failure) {
        HttpServerResponse response = ctx.response();
        if (response.ended() || response.closed() || failure instanceof HttpClosedException) {
            return Future.succeededFuture();
        }
        ApiError error = error(ctx, requestId, failure);
        if (response.headWritten()) {
            return response.reset();
        }
        response.setStatusCode(error.status());
        if (error.status() == 503) {
            response.putHeader("retry-after", RETRY_AFTER_SECONDS);
        }
        error.headers().forEach(response::putHeader);
        if (BodyStream.of(ctx).isLast()) {
            response.putHeader("connection", "close");
        }
        return json(response, body(error));
    }

    static Buffer body(ApiError error) {
        return Json.bytes(Map.of("error", error.body()));
    }

    private static Future<Void> json(HttpServerResponse response, Buffer body) {
        return response.putHeader("content-type", "application/json").end(body);
    }

    private static ApiError error(RoutingContext ctx, String requestId, Throwable failure) {
        if (failure instanceof ApiError known) {
            return known;
        }
        if (StorageFull.is(failure)) {
            log.error(
                    "{} {} {} failed for want of room on a disk: {}",
                    requestId,
                    ctx.request().method(),
                    ctx.request().path(),
                    String.valueOf(failure.getMessage()));
            return ApiError.storageFull();
        }
        Optional<ApiError> database = DatabaseFailures.answer(failure);
        if (database.isPresent()) {
            log.warn(
                    "{} {} {}: {}",
                    requestId,
                    ctx.request().method(),
                    ctx.request().path(),
                    failure.getMessage());
            return database.get();
        }
        if (failure instanceof HttpException http && http.getStatusCode() < 500) {
            return new ApiError(http.getStatusCode(), "Bad request.", "invalid_request_error", null, null);
        }
        log.error(
                "{} {} {} failed",
                requestId,
                ctx.request().method(),
                ctx.request().path(),
                failure);
        return ApiError.internal(requestId);
    }
}

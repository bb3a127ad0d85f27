package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** A request's body in memory: whole, whatever its content type says, and never above a limit. */
public final class RequestBody {
    private static final String KEY = RequestBody.class.getName();

    private RequestBody() {}

    /** The body that {@link #read} has put aside; empty for operations that have none. */
    public static Buffer of(RoutingContext ctx) {
        Buffer body = ctx.get(KEY);
        return body == null ? Buffer.buffer() : body;
    }

    /** Reads a paused request to its end; beyond the limit the rest is dropped and the future fails with a 413. */
    static Future<Void> read(RoutingContext ctx, long limit) {
        HttpServerRequest request = ctx.request();
        if (announcedLength(request) > limit) {
            return Future.failedFuture(tooLarge(limit));
        }
        Promise<Void> done = Promise.promise();
        Buffer body = Buffer.buffer();
        request.exceptionHandler(done::tryFail);
        request.handler(chunk -> {
            if (body.length() + chunk.length() <= limit) {
                body.appendBuffer(chunk);
            } else {
                request.handler(dropped -> {});
                done.tryFail(tooLarge(limit));
            }
        });
        request.endHandler(end -> {
            ctx.put(KEY, body);
            done.tryComplete();
        });
        request.resume();
        return done.future();
    }

    /** The length that Content-Length announces. The HTTP decoder has refused what is no number. */
    private static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        return length == null ? 0 : Long.parseLong(length.strip());
    }

    private static ApiError tooLarge(long limit) {
        return ApiError.tooLarge("The request's body is larger than the " + limit + " bytes allowed here.", null);
    }
}

package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** A request's body in memory: whole, and never above a limit. */
public final class RequestBody {
    private static final String KEY = RequestBody.class.getName();

    private RequestBody() {}

    /** The body that {@link #read} has put aside; empty for operations that have none. */
    public static Buffer of(RoutingContext ctx) {
        Buffer body = ctx.get(KEY);
        return body == null ? Buffer.buffer() : body;
    }

    /**
     * Reads a paused request to its end. Beyond the limit the future fails with a 413, and the rest stays unread; what is
     * held is taken from the lease as it comes.
     */
    static Future<Buffer> read(RoutingContext ctx, long limit, MemoryBudget.Lease lease, ServerLimits limits) {
        long announced = announcedLength(ctx.request());
        if (announced > limit) {
            throw tooLarge(limit);
        }
        lease.require(announced);
        Promise<Buffer> done = Promise.promise();
        Buffer whole = Buffer.buffer();
        BodyStream body = BodyStream.of(ctx);
        long timer = ctx.vertx()
                .setTimer(
                        limits.body().toMillis(),
                        late -> done.tryFail(ApiError.tooSlow("The request's body took longer than "
                                + limits.body().toSeconds() + " seconds.")));
        body.exceptionHandler(done::tryFail);
        body.endHandler(end -> done.tryComplete(whole));
        body.handler(chunk -> {
            try {
                if (whole.length() + chunk.length() > limit) {
                    throw tooLarge(limit);
                }
                lease.take(chunk.length());
                whole.appendBuffer(chunk);
            } catch (ApiError e) {
                body.pause();
                done.tryFail(e);
            }
        });
        body.resume();
        return done.future()
                .onSuccess(read -> ctx.put(KEY, read))
                .onComplete(read -> ctx.vertx().cancelTimer(timer));
    }

    /** The length that Content-Length announces, 0 where there is none. The HTTP decoder has refused what is no number. */
    static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        return length == null ? 0 : Long.parseLong(length.strip());
    }

    private static ApiError tooLarge(long limit) {
        return ApiError.tooLarge("The request's body is larger than the " + limit + " bytes allowed here.", null);
    }
}

package dev.tunegate.gateway.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request's body as it comes in, paused until somebody reads it. It fails when the client falls silent while it is
 * asked for more, when it leaves, and when what it sends is no body.
 */
public final class BodyStream implements ReadStream<Buffer> {
    /** So much of a body that nobody has read is still read behind the answer. */
    static final int MOST_DRAINED = 64 * 1024;

    private static final String KEY = BodyStream.class.getName();
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final ServerLimits limits;
    private @Nullable Handler<Buffer> reader;
    private @Nullable Handler<Void> atEnd;
    private @Nullable Handler<Throwable> atFailure;
    private @Nullable Throwable failure;
    private long demand;
    private long lastSign;
    private long timer = NO_TIMER;
    private boolean isBegun;
    private boolean isEnded;
    private boolean isBroken;

    private BodyStream(Vertx vertx, HttpServerRequest request, ServerLimits limits) {
        this.vertx = vertx;
        this.request = request;
        this.limits = limits;
    }

    /** The body of the request that is being answered. */
    public static BodyStream of(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.get(KEY));
    }

    /** Pauses a request that has just begun; everybody reads it through this from now on. */
    static BodyStream begin(RoutingContext ctx, ServerLimits limits) {
        BodyStream body = new BodyStream(ctx.vertx(), ctx.request(), limits);
        ctx.put(KEY, body);
        ctx.request()
                .pause()
                .handler(body::receive)
                .endHandler(end -> body.end())
                .exceptionHandler(body::fail);
        return body;
    }

    private void receive(Buffer bytes) {
        lastSign = System.nanoTime();
        if (demand != Long.MAX_VALUE) {
            demand--;
        }
        if (reader != null) {
            reader.handle(bytes);
        }
    }

    private void end() {
        isEnded = true;
        stopTimer();
        if (atEnd != null) {
            atEnd.handle(null);
        }
    }

    /** Ends the body, as far as its readers are concerned. */
    void fail(Throwable cause) {
        if (isEnded || failure != null) {
            return;
        }
        failure = cause;
        stopTimer();
        request.pause();
        tellFailure();
    }

    /** The decoder has met something that is no body; nothing behind it can be understood. */
    void broken() {
        isBroken = true;
        fail(ApiError.notHttp("its body is not in the form that its headers announce"));
    }

    private void tellFailure() {
        Handler<Throwable> receiver = atFailure;
        if (receiver != null && failure != null && isBegun) {
            atFailure = null;
            receiver.handle(failure);
        }
    }

    /** Whether its last byte has been read. */
    boolean isEnded() {
        return isEnded;
    }

    /** Whether it is known before the answer that its connection cannot carry another request. */
    boolean isLast() {
        return failure != null || (!isEnded && RequestBody.announcedLength(request) > MOST_DRAINED);
    }

    /**
     * Drops what nobody has read, so that the connection can carry its next request. A client that goes on for too long
     * has the time to read its answer, and then loses the connection.
     */
    void drain() {
        if (isEnded) {
            return;
        }
        stopTimer();
        reader = null;
        atFailure = null;
        if (isBroken || failure != null) {
            request.connection().close();
            return;
        }
        long closing = vertx.setTimer(
                limits.drain().toMillis(), late -> request.connection().close());
        atEnd = end -> vertx.cancelTimer(closing);
        int[] dropped = new int[1];
        request.handler(bytes -> {
            dropped[0] += bytes.length();
            if (dropped[0] > MOST_DRAINED) {
                request.pause();
            }
        });
        request.resume();
    }

    /** Only now a client that asks whether to send its body is told so. */
    private void begin() {
        isBegun = true;
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
    }

    private void startTimer(long millis) {
        if (timer == NO_TIMER && !isEnded) {
            timer = vertx.setTimer(millis, this::look);
        }
    }

    private void stopTimer() {
        vertx.cancelTimer(timer);
        timer = NO_TIMER;
    }

    /** Only a client that may send is late: while the reader has paused, time does not count. */
    private void look(long fired) {
        timer = NO_TIMER;
        if (demand == 0) {
            return;
        }
        long silent = (System.nanoTime() - lastSign) / 1_000_000;
        long left = limits.silence().toMillis() - silent;
        if (left <= 0) {
            fail(ApiError.tooSlow("Nothing more of the request's body came for "
                    + limits.silence().toSeconds() + " seconds."));
        } else {
            startTimer(left);
        }
    }

    @Override
    public BodyStream handler(@Nullable Handler<Buffer> handler) {
        reader = handler;
        return this;
    }

    @Override
    public BodyStream endHandler(@Nullable Handler<Void> handler) {
        atEnd = handler;
        return this;
    }

    @Override
    public BodyStream exceptionHandler(@Nullable Handler<Throwable> handler) {
        atFailure = handler;
        return this;
    }

    @Override
    public BodyStream pause() {
        demand = 0;
        request.pause();
        return this;
    }

    @Override
    public BodyStream resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public BodyStream fetch(long amount) {
        if (!isBegun) {
            begin();
        }
        if (failure != null) {
            tellFailure();
            return this;
        }
        if (demand == 0) {
            lastSign = System.nanoTime();
        }
        demand = amount > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + amount;
        startTimer(limits.silence().toMillis());
        request.fetch(amount);
        return this;
    }
}

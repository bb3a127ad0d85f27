package dev.tunegate.gateway.inference;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream that fails when nothing has come for too long. Only one that is asked for more can be late: while its reader has
 * paused it, time does not count.
 */
final class SilenceLimit implements ReadStream<Buffer> {
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final ReadStream<Buffer> stream;
    private final Duration limit;
    private final Supplier<Throwable> late;
    private @Nullable Handler<Throwable> failed;
    private boolean isPaused;
    private boolean isOver;
    private long lastHeard = System.nanoTime();
    private long timer = NO_TIMER;

    private SilenceLimit(Vertx vertx, ReadStream<Buffer> stream, Duration limit, Supplier<Throwable> late) {
        this.vertx = vertx;
        this.stream = stream;
        this.limit = limit;
        this.late = late;
    }

    /**
     * Has a stream watched.
     *
     * @param limit with zero it may be silent for as long as it likes
     * @param late what it fails with
     */
    static ReadStream<Buffer> on(Vertx vertx, ReadStream<Buffer> stream, Duration limit, Supplier<Throwable> late) {
        return limit.isZero() ? stream : new SilenceLimit(vertx, stream, limit, late);
    }

    private void look(long fired) {
        timer = NO_TIMER;
        if (isPaused || isOver) {
            return;
        }
        long left = limit.toNanos() - (System.nanoTime() - lastHeard);
        if (left > 0) {
            startTimer(left);
            return;
        }
        isOver = true;
        if (failed != null) {
            failed.handle(late.get());
        }
    }

    private void startTimer(long nanos) {
        if (timer == NO_TIMER && !isOver) {
            timer = vertx.setTimer(Math.max(1, nanos / 1_000_000), this::look);
        }
    }

    private void over() {
        isOver = true;
        vertx.cancelTimer(timer);
    }

    private void awaited() {
        if (isPaused) {
            isPaused = false;
            lastHeard = System.nanoTime();
        }
        startTimer(limit.toNanos());
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
        if (handler == null) {
            over();
            stream.handler(null);
            return this;
        }
        stream.handler(bytes -> {
            lastHeard = System.nanoTime();
            handler.handle(bytes);
        });
        awaited();
        return this;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        failed = handler;
        stream.exceptionHandler(
                handler == null
                        ? null
                        : failure -> {
                            over();
                            handler.handle(failure);
                        });
        return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
        stream.endHandler(end -> {
            over();
            if (handler != null) {
                handler.handle(null);
            }
        });
        return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
        isPaused = true;
        stream.pause();
        return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
        awaited();
        stream.resume();
        return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
        awaited();
        stream.fetch(amount);
        return this;
    }
}

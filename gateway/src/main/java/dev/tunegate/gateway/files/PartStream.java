package dev.tunegate.gateway.files;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One part of a multipart request as a stream. Whoever reads it slowly slows the whole request down; what of the last
 * chunk was already parsed waits here.
 */
final class PartStream implements ReadStream<Buffer> {
    private final ReadStream<Buffer> form;
    private final Deque<Buffer> waiting = new ArrayDeque<>();
    private long demand = Long.MAX_VALUE;
    private boolean ended;
    private boolean delivering;
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> endHandler;
    private @Nullable Handler<Throwable> exceptionHandler;

    PartStream(ReadStream<Buffer> form) {
        this.form = form;
    }

    void push(Buffer data) {
        waiting.add(data);
        deliver();
        if (!waiting.isEmpty()) {
            form.pause();
        }
    }

    void end() {
        ended = true;
        deliver();
    }

    void fail(Throwable cause) {
        ended = true;
        waiting.clear();
        Handler<Throwable> receiver = exceptionHandler;
        endHandler = null;
        if (receiver != null) {
            receiver.handle(cause);
        }
    }

    private void deliver() {
        if (delivering) {
            return; // the handler has asked for more: the loop below is still running
        }
        delivering = true;
        while (demand > 0 && !waiting.isEmpty()) {
            demand = demand == Long.MAX_VALUE ? demand : demand - 1;
            Buffer next = waiting.remove();
            if (handler != null) {
                handler.handle(next);
            }
        }
        delivering = false;
        if (waiting.isEmpty() && ended && endHandler != null) {
            Handler<Void> receiver = endHandler;
            endHandler = null;
            receiver.handle(null);
        }
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
        this.handler = handler;
        return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
        demand = 0;
        return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
        demand = amount > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + amount;
        deliver();
        if (waiting.isEmpty()) {
            form.resume();
        }
        return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> endHandler) {
        this.endHandler = endHandler;
        return this;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> exceptionHandler) {
        this.exceptionHandler = exceptionHandler;
        return this;
    }
}

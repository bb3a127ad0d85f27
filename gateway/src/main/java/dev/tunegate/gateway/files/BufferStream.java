package dev.tunegate.gateway.files;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** Bytes in memory as a stream of one piece. */
public final class BufferStream implements ReadStream<Buffer> {
    private final Buffer bytes;
    private @Nullable Handler<Buffer> reader;
    private @Nullable Handler<Void> atEnd;
    private boolean isPaused;
    private boolean isRead;

    public BufferStream(Buffer bytes) {
        this.bytes = bytes;
    }

    private void read() {
        if (isPaused || isRead || reader == null || atEnd == null) {
            return;
        }
        isRead = true;
        if (bytes.length() > 0) {
            reader.handle(bytes);
        }
        atEnd.handle(null);
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
        reader = handler;
        read();
        return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
        atEnd = handler;
        read();
        return this;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
        isPaused = true;
        return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
        isPaused = false;
        read();
        return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
        return amount > 0 ? resume() : this;
    }
}

package dev.tunegate.gateway.files;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/** Bytes in pieces, of which the next comes as soon as it is wanted and the end right behind the last. */
final class PiecesStream implements ReadStream<Buffer> {
    private final Buffer bytes;
    private final int piece;
    private int at;
    private boolean isPaused;
    private boolean isRunning;
    private @Nullable Handler<Buffer> reader;
    private @Nullable Handler<Void> atEnd;

    PiecesStream(Buffer bytes, int piece) {
        this.bytes = bytes;
        this.piece = piece;
    }

    private void run() {
        if (isRunning) {
            return; // the reader has asked for more from within
        }
        isRunning = true;
        while (!isPaused && reader != null && at < bytes.length()) {
            int end = Math.min(at + piece, bytes.length());
            Buffer next = bytes.getBuffer(at, end);
            at = end;
            reader.handle(next);
        }
        isRunning = false;
        if (at == bytes.length() && atEnd != null) {
            Handler<Void> told = atEnd;
            atEnd = null;
            told.handle(null);
        }
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
        reader = handler;
        return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
        atEnd = handler;
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
        run();
        return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
        return resume();
    }
}

package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Hashes the bytes on their way to another stream. */
public final class DigestingStream implements WriteStream<Buffer> {
    private final WriteStream<Buffer> to;
    private final MessageDigest sha256;

    public DigestingStream(WriteStream<Buffer> to) {
        this.to = to;
        this.sha256 = Sha256.begin();
    }

    /** The SHA-256 of what has been written. It can be asked for only once. */
    public String sha256() {
        return Sha256.hex(sha256);
    }

    @Override
    public Future<Void> write(Buffer data) {
        sha256.update(data.getBytes());
        return to.write(data);
    }

    @Override
    public Future<Void> end() {
        return to.end();
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        to.setWriteQueueMaxSize(maxSize);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return to.writeQueueFull();
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        to.drainHandler(handler);
        return this;
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        to.exceptionHandler(handler);
        return this;
    }
}

package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** Counts and hashes the bytes on their way to another stream. */
public final class DigestingStream implements WriteStream<Buffer> {
    private final WriteStream<Buffer> to;
    private final MessageDigest sha256;
    private long bytes;

    public DigestingStream(WriteStream<Buffer> to) {
        this.to = to;
        this.sha256 = Sha256.begin();
    }

    /** The blob that has been written, under the id that the store gave it. It can be asked for only once. */
    Blob blob(String id) {
        return new Blob(id, bytes, sha256());
    }

    /** The SHA-256 of what has been written. It can be asked for only once. */
    public String sha256() {
        return Sha256.hex(sha256);
    }

    @Override
    public Future<Void> write(Buffer data) {
        bytes += data.length();
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

package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A new file while it is being written: off the event loop, one write after the other. Its end comes when all of them are
 * done and flushed, and the first that fails fails all that follows. Vert.x's own files know nothing of either: they write
 * in any order, and a pipe into them ends while its last writes are under way, whatever becomes of those.
 */
public final class PartFile implements WriteStream<Buffer> {
    private static final int QUEUE_BYTES = 256 * 1024;
    private static final FileAttribute<?> OWNERS_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Vertx vertx;
    private final FileChannel file;
    private final DiskSpace disk;
    private final MessageDigest sha256 = Sha256.begin();

    // All below are guarded by this.
    private Future<Void> last = Future.succeededFuture();
    private long accepted;
    private long waiting;
    private int mostWaiting = QUEUE_BYTES;
    private boolean isFull;
    private @Nullable Handler<Void> drained;

    /** Creates the file that a path names; there is none of that name. */
    @FunctionalInterface
    interface Creation {
        FileChannel create(Path path) throws IOException;
    }

    private PartFile(Vertx vertx, FileChannel file, DiskSpace disk) {
        this.vertx = vertx;
        this.file = file;
        this.disk = disk;
    }

    /** Creates a file on a disk that has room. */
    public static Future<PartFile> create(Vertx vertx, Path path, DiskSpace disk) {
        return create(vertx, path, disk, PartFile::onDisk);
    }

    static Future<PartFile> create(Vertx vertx, Path path, DiskSpace disk, Creation creation) {
        return vertx.executeBlocking(
                () -> {
                    disk.require(0);
                    return new PartFile(vertx, creation.create(path), disk);
                },
                false);
    }

    static FileChannel onDisk(Path path) throws IOException {
        return FileChannel.open(path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNERS_ONLY);
    }

    @Override
    public synchronized Future<Void> write(Buffer data) {
        accepted += data.length();
        waiting += data.length();
        isFull = waiting >= mostWaiting;
        last = last.compose(before -> blocking(() -> put(data)));
        return last.onComplete(done -> wrote(data.length()));
    }

    private void put(Buffer data) throws IOException {
        disk.require(data.length());
        ByteBuffer bytes = ByteBuffer.wrap(data.getBytes());
        sha256.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private void wrote(int bytes) {
        Handler<Void> told = null;
        synchronized (this) {
            waiting -= bytes;
            if (isFull && waiting <= mostWaiting / 2) {
                isFull = false;
                told = drained;
            }
        }
        if (told != null) {
            told.handle(null);
        }
    }

    /** Succeeds when all that was written is on the disk. The file is closed in either case. */
    @Override
    public synchronized Future<Void> end() {
        last = last.compose(written -> blocking(() -> file.force(true)));
        return close();
    }

    /** Closes the file when what is being written is done; tells what failed, here or before. */
    public synchronized Future<Void> close() {
        last = last.eventually(() -> blocking(file::close));
        return last;
    }

    /** The blob that has been accepted, under this id. It can be asked for only once, after the end. */
    synchronized Blob blob(String id) {
        return new Blob(id, accepted, Sha256.hex(sha256));
    }

    private Future<Void> blocking(Work work) {
        return vertx.executeBlocking(
                () -> {
                    work.run();
                    return null;
                },
                false);
    }

    private interface Work {
        void run() throws IOException;
    }

    @Override
    public synchronized WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        mostWaiting = maxSize;
        return this;
    }

    @Override
    public synchronized boolean writeQueueFull() {
        return isFull;
    }

    @Override
    public synchronized WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        drained = handler;
        return this;
    }

    /** What fails is told by the futures of the writes, and by that of the end. */
    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }
}

package dev.tunegate.gateway.files;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.time.Instant;
import java.util.List;

/**
 * The place of the bytes of files, adapters and resume states. A blob is written once, is complete and durable when the
 * write's future completes, and does not exist before.
 */
public interface BlobStore {
    /**
     * Reads the stream to its end, no faster than it is stored. What fails leaves nothing behind, be it the stream or a
     * disk that is full, which {@link dev.tunegate.gateway.http.StorageFull} knows.
     */
    Future<Blob> write(ReadStream<Buffer> bytes);

    /** Opens a blob for one reading; fails with {@link NoSuchBlob} where there is none. */
    Future<Content> read(String id);

    /** Removes a blob; one that is not there is no error. */
    Future<Void> delete(String id);

    /** All blobs there are, in no order. */
    Future<List<Written>> list();

    /** A blob and the time of its writing, by the clock of the store. */
    record Written(String id, Instant at) {}

    /** An opened blob, to be piped or closed. */
    interface Content {
        long bytes();

        /** Writes everything to the stream, ends it, and closes this. */
        Future<Void> pipeTo(WriteStream<Buffer> to);

        Future<Void> close();
    }

    /** No blob has this id. */
    final class NoSuchBlob extends RuntimeException {
        public NoSuchBlob(String id) {
            super("no blob " + id, null, false, false);
        }
    }
}

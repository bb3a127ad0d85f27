package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * Removes the bytes of what was deleted, one blob being a result file and a model's adapter at times, and bytes that
 * never got a row because the gateway was killed between the two.
 */
public final class UnusedBlobs {
    /** A blob without a row is left alone for far longer than it takes to record one that has just been written. */
    private static final Duration ORPHANED_AFTER = Duration.ofDays(1);

    private static final int AT_ONCE = 1000;

    private final Database database;
    private final BlobStore blobs;

    public UnusedBlobs(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** Removes a blob, unless a file or a model still needs it. */
    public Future<Void> remove(String blobId) {
        return database.query("files.blob_in_use", blobId)
                .compose(rows ->
                        rows.iterator().next().getBoolean("in_use") ? Future.succeededFuture() : blobs.delete(blobId));
    }

    /** Removes the blobs that no row has named for a day. */
    public Future<Void> removeOrphans(Instant now) {
        Instant latest = now.minus(ORPHANED_AFTER);
        return blobs.list()
                .map(all -> all.stream()
                        .filter(blob -> blob.at().isBefore(latest))
                        .map(BlobStore.Written::id)
                        .toList())
                .compose(this::removeUnnamed);
    }

    private Future<Void> removeUnnamed(List<String> ids) {
        if (ids.isEmpty()) {
            return Future.succeededFuture();
        }
        int end = Math.min(AT_ONCE, ids.size());
        String[] some = ids.subList(0, end).toArray(new String[0]);
        return database.query("files.blobs_without_row", (Object) some)
                .compose(rows -> Future.join(StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> blobs.delete(row.getString("id")))
                        .toList()))
                .compose(removed -> removeUnnamed(ids.subList(end, ids.size())));
    }
}

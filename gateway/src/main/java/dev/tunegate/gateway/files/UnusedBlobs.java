package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;

/** Removes the bytes of what was deleted, one blob being a result file and a model's adapter at times. */
public final class UnusedBlobs {
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
}

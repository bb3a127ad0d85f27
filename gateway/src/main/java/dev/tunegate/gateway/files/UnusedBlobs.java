package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;

/** Removes the bytes of what was deleted, one blob being a result file and a model's adapter at times. */
public final class UnusedBlobs {
    /** The SQL states of a server that ends in the middle of what it does. */
    private static final String SERVER_ENDS = "57P";

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

    /**
     * Removes a blob whose row could not be written. Where nobody knows whether it was, because the connection broke, the
     * bytes stay: a row without its bytes would be worse than bytes without a row, which {@link OrphanedBlobs} finds.
     */
    public Future<Void> removeUnrecorded(String blobId, Throwable failure) {
        boolean isRefused = failure instanceof PgException sql
                ? !String.valueOf(sql.getSqlState()).startsWith(SERVER_ENDS)
                : failure instanceof ApiError || failure instanceof ConnectException;
        return isRefused ? blobs.delete(blobId) : Future.succeededFuture();
    }
}

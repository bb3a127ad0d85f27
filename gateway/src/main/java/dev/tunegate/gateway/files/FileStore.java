package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Page;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The files of every project: rows in the database, bytes in the blob store. */
public final class FileStore {
    /** OpenAI's limit for one file. */
    public static final long MAX_FILE_BYTES = 512L * 1024 * 1024;

    private static final String PREFIX = "file-";

    private final Database database;
    private final UnusedBlobs unused;

    public FileStore(Database database, BlobStore blobs) {
        this.database = database;
        this.unused = new UnusedBlobs(database, blobs);
    }

    /** Records a blob as a file. When Postgres refuses that, the blob is removed, too. */
    public Future<StoredFile> create(
            String project, String purpose, String filename, Blob blob, @Nullable Integer expiresAfterSeconds) {
        String id = Ids.random(PREFIX, 24);
        return database.query(
                        "files.create",
                        id,
                        project,
                        purpose,
                        filename,
                        blob.bytes(),
                        blob.id(),
                        blob.sha256(),
                        expiresAfterSeconds)
                .map(rows -> file(rows.iterator().next()))
                .recover(failure ->
                        unused.removeUnrecorded(blob.id(), failure).transform(removed -> Future.failedFuture(failure)));
    }

    /** A page of files, and one row more where there is one. */
    public Future<List<StoredFile>> list(String project, @Nullable String purpose, boolean newestFirst, Page page) {
        return database.query(
                        newestFirst ? "files.list_newest" : "files.list_oldest",
                        project,
                        purpose,
                        page.after(),
                        page.rows())
                .map(FileStore::files);
    }

    /** Finds a file; empty for one that is unknown, another project's, deleted or expired. */
    public Future<Optional<StoredFile>> find(String project, String id) {
        return database.query("files.find", project, id)
                .map(rows -> files(rows).stream().findFirst());
    }

    /** Deletes a file and, where nothing else uses them, its bytes. False when there was no such file. */
    public Future<Boolean> delete(String project, String id) {
        return database.query("files.delete", project, id)
                .compose(rows -> removeBlobs(rows).map(removed -> rows.rowCount() > 0));
    }

    /** Deletes every file whose time is up. */
    public Future<Void> deleteExpired() {
        return database.query("files.delete_expired").compose(this::removeBlobs);
    }

    private Future<Void> removeBlobs(RowSet<Row> deleted) {
        List<Future<Void>> removals = StreamSupport.stream(deleted.spliterator(), false)
                .map(row -> row.getString("blob_id"))
                .map(unused::remove)
                .toList();
        return Future.join(removals).mapEmpty();
    }

    private static List<StoredFile> files(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(FileStore::file)
                .toList();
    }

    private static StoredFile file(Row row) {
        return new StoredFile(
                row.getString("id"),
                row.getString("purpose"),
                row.getString("filename"),
                row.getLong("bytes"),
                row.getString("blob_id"),
                row.getOffsetDateTime("created_at"),
                row.getOffsetDateTime("expires_at"));
    }

    /** The error of a file that there is not, or that is another project's. */
    public static ApiError unknown(String id) {
        return ApiError.notFound("No such File object: " + ApiError.quoted(id), "id", null);
    }
}

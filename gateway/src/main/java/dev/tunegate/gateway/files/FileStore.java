package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.Page;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.retries.CreateRequest;
import dev.tunegate.gateway.retries.Creates;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
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
    private final BlobStore blobs;
    private final UnusedBlobs unused;
    private final Creates creates;

    public FileStore(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
        this.unused = new UnusedBlobs(database, blobs);
        this.creates = new Creates(database, Creates.Kind.FILE);
    }

    /**
     * Records a blob as a file; another try of the same upload finds the file instead. A blob that is not needed is
     * removed; where the database did not say whether the row is there, that is left to the sweep for blobs without one.
     *
     * @param quotas what the project may have
     */
    public Future<StoredFile> create(
            CreateRequest create,
            String purpose,
            String filename,
            Blob blob,
            @Nullable Integer expiresAfterSeconds,
            ProjectQuotas quotas) {
        return database.transaction(connection -> creates.once(
                        connection,
                        create,
                        Ids.random(PREFIX, 24),
                        id -> findMade(connection, create.project(), id),
                        id -> Database.query(
                                        connection,
                                        "files.create",
                                        id,
                                        create.project(),
                                        purpose,
                                        filename,
                                        blob.bytes(),
                                        blob.id(),
                                        blob.sha256(),
                                        expiresAfterSeconds)
                                .compose(rows -> quotas.requireFileWithin(connection, create.project())
                                        .map(within -> file(rows.iterator().next())))))
                .compose(
                        file -> file.blobId().equals(blob.id())
                                ? Future.succeededFuture(file)
                                : blobs.delete(blob.id()).otherwiseEmpty().map(file),
                        failure -> unused.removeUnrecorded(blob.id(), failure)
                                .transform(removed -> Future.failedFuture(failure)));
    }

    private static Future<StoredFile> findMade(SqlConnection connection, String project, String id) {
        return Database.query(connection, "files.find", project, id).map(rows -> {
            if (rows.size() == 0) {
                throw ApiError.badRequest(
                        "The file that was made with this Idempotency-Key is there no more. Use a new one.",
                        null,
                        "idempotency_key_reused");
            }
            return file(rows.iterator().next());
        });
    }

    /** Notes that a caller has used a file's id: its own upload that made the file has been answered. */
    public Future<Void> used(Caller caller, String id) {
        return creates.used(caller, id);
    }

    /** Notes that a list is about to show files. */
    public Future<Void> listed(List<StoredFile> files) {
        return creates.listed(files.stream().map(StoredFile::id).toList());
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

package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.Blob;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.UnusedBlobs;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.WaitingClient;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.worker.Protocol.BlobObject;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The bytes that workers upload for their jobs: adapters, resume states, result files. */
final class JobBlobs {
    /** One look for unused blobs is at so many; the next one goes on behind them. */
    private static final int LOOKED_AT_ONCE = 200;

    private final Database database;
    private final BlobStore store;
    private final UnusedBlobs unused;
    private final Attempts attempts;

    private volatile String lookedUpTo = "";

    JobBlobs(Database database, BlobStore store, Attempts attempts) {
        this.database = database;
        this.store = store;
        this.unused = new UnusedBlobs(database, store);
        this.attempts = attempts;
    }

    /** Stores the bytes first and their row second: a row always has its bytes. */
    Future<BlobObject> upload(String jobId, int attempt, HttpServerRequest request, ReadStream<Buffer> bytes) {
        return attempts.held(jobId, attempt)
                .compose(job -> WaitingClient.require(request))
                .compose(waits -> store.write(bytes))
                .compose(blob -> WaitingClient.require(request)
                        .recover(gone -> store.delete(blob.id()).transform(deleted -> Future.failedFuture(gone)))
                        .compose(waits -> record(jobId, attempt, blob)));
    }

    /** Opens a blob of the job that this attempt holds, or the adapter that the job starts from. */
    Future<BlobStore.Content> read(String jobId, int attempt, String blobId) {
        return attempts.held(jobId, attempt)
                .compose(job -> blobId.equals(job.startAdapter())
                        ? Future.succeededFuture()
                        : database.query("blobs.find", jobId, blobId).map(rows -> requireFound(rows, jobId, blobId)))
                .compose(allowed -> store.read(blobId));
    }

    /** Marks a blob of the job as used from now on. */
    static Future<BlobObject> commit(SqlConnection connection, Job job, String blobId) {
        return Database.query(connection, "blobs.commit", job.id(), blobId).map(rows -> {
            Row row = requireFound(rows, job.id(), blobId);
            return new BlobObject(row.getString("id"), row.getLong("bytes"), row.getString("sha256"));
        });
    }

    /** Removes bytes that nothing needs any more, some at each call; what fails is tried again the next time round. */
    Future<Void> removeUnused() {
        return database.query("blobs.unused", lookedUpTo, LOOKED_AT_ONCE).compose(rows -> {
            Row row = rows.iterator().next();
            lookedUpTo = Objects.requireNonNullElse(row.getString("last"), "");
            List<Future<?>> removals = Arrays.stream(row.getArrayOfStrings("unused"))
                    .<Future<?>>map(id -> store.delete(id).compose(gone -> database.query("blobs.remove", id)))
                    .toList();
            return Future.join(removals).mapEmpty();
        });
    }

    private Future<BlobObject> record(String jobId, int attempt, Blob blob) {
        return database.<BlobObject>transaction(connection -> Attempts.lock(connection, jobId)
                        .compose(assignment -> {
                            Attempts.requireHeld(assignment, attempt);
                            String project = assignment.job().project();
                            return Database.query(
                                    connection, "blobs.create", blob.id(), project, jobId, blob.bytes(), blob.sha256());
                        })
                        .map(created -> new BlobObject(blob.id(), blob.bytes(), blob.sha256())))
                .recover(failure ->
                        unused.removeUnrecorded(blob.id(), failure).transform(removed -> Future.failedFuture(failure)));
    }

    private static Row requireFound(RowSet<Row> rows, String jobId, String blobId) {
        if (rows.size() == 0) {
            throw ApiError.badRequest("Job " + jobId + " has no blob " + ApiError.quoted(blobId), "blob_id");
        }
        return rows.iterator().next();
    }
}

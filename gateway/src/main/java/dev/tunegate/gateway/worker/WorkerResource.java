package dev.tunegate.gateway.worker;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.Download;
import dev.tunegate.gateway.files.FileStore;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.BodyStream;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.PathParameter;
import dev.tunegate.gateway.http.Query;
import dev.tunegate.gateway.http.Resource;
import dev.tunegate.gateway.models.ModelCatalog;
import dev.tunegate.gateway.tasks.TaskNotifier;
import dev.tunegate.gateway.worker.Protocol.Acknowledgement;
import dev.tunegate.gateway.worker.Protocol.ClaimedTask;
import dev.tunegate.gateway.worker.Protocol.FineTunedModel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Row;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** /worker/v1: the trainers' side of the gateway. */
public final class WorkerResource implements Resource {
    private static final String BYTES = "application/octet-stream";

    private final Database database;
    private final FileStore files;
    private final BlobStore blobs;
    private final TaskNotifier notifier;
    private final Claims claims;
    private final Attempts attempts;
    private final ProgressReports progress;
    private final JobBlobs jobBlobs;
    private final Checkpoints checkpoints;
    private final Outcomes outcomes;
    private final Housekeeping housekeeping;

    /** Also starts what runs by itself: the notifier of waiting workers and the housekeeping. */
    public WorkerResource(Vertx vertx, Database database, BlobStore blobs) {
        this.database = database;
        this.files = new FileStore(database, blobs);
        this.blobs = blobs;
        this.notifier = new TaskNotifier(vertx, database);
        this.claims = new Claims(database, notifier);
        this.attempts = new Attempts(database);
        this.progress = new ProgressReports(attempts);
        this.jobBlobs = new JobBlobs(database, blobs, attempts);
        this.checkpoints = new Checkpoints(attempts);
        this.outcomes = new Outcomes(database);
        this.housekeeping = new Housekeeping(vertx, new Leases(database), jobBlobs);
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of(
                "claimTask", this::claim,
                "readJobFile", this::readJobFile,
                "reportProgress", this::reportProgress,
                "uploadBlob", this::uploadBlob,
                "readBlob", this::readBlob,
                "commitCheckpoint", this::commitCheckpoint,
                "finishTask", this::finish,
                "describeFineTunedModel", this::describeModel,
                "readAdapter", this::readAdapter);
    }

    /** Ends the housekeeping and lets waiting workers go. */
    public Future<Void> close() {
        return housekeeping.close().compose(quiet -> notifier.close());
    }

    private Future<?> claim(RoutingContext ctx) {
        ClaimRequest request = ClaimRequest.read(Json.body(ctx));
        return claims.claim(request, () -> ctx.response().closed()).compose(task -> answer(ctx, task));
    }

    private static Future<?> answer(RoutingContext ctx, Optional<ClaimedTask> task) {
        return task.isPresent()
                ? Future.succeededFuture(task.get())
                : ctx.response().setStatusCode(204).end();
    }

    private Future<Acknowledgement> reportProgress(RoutingContext ctx) {
        return progress.record(jobId(ctx), Progress.read(Json.body(ctx)));
    }

    private Future<Acknowledgement> commitCheckpoint(RoutingContext ctx) {
        return checkpoints.commit(jobId(ctx), Checkpoints.Commit.read(Json.body(ctx)));
    }

    private Future<Acknowledgement> finish(RoutingContext ctx) {
        return outcomes.record(jobId(ctx), Finish.read(Json.body(ctx)));
    }

    private Future<Protocol.BlobObject> uploadBlob(RoutingContext ctx) {
        return jobBlobs.upload(jobId(ctx), attempt(ctx), ctx.request(), BodyStream.of(ctx));
    }

    private Future<Void> readBlob(RoutingContext ctx) {
        return jobBlobs.read(jobId(ctx), attempt(ctx), PathParameter.of(ctx, "blob_id"))
                .compose(content -> Download.send(ctx, content, BYTES));
    }

    /** A worker reads the two files of the job it holds, and no others. */
    private Future<Void> readJobFile(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "file_id");
        return attempts.held(jobId(ctx), attempt(ctx))
                .compose(job -> {
                    if (!id.equals(job.request().trainingFile())
                            && !id.equals(job.request().validationFile())) {
                        throw FileStore.unknown(id);
                    }
                    return files.find(job.project(), id);
                })
                .compose(found -> blobs.read(
                        found.orElseThrow(() -> FileStore.unknown(id)).blobId()))
                .compose(content -> Download.send(ctx, content, BYTES));
    }

    private Future<FineTunedModel> describeModel(RoutingContext ctx) {
        return findModel(ctx).map(row -> new FineTunedModel(row.getString("id"), row.getString("base_model")));
    }

    private Future<Void> readAdapter(RoutingContext ctx) {
        return findModel(ctx)
                .compose(row -> blobs.read(row.getString("adapter_blob")))
                .compose(content -> Download.send(ctx, content, "application/zip"));
    }

    private Future<Row> findModel(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "model");
        return database.query("models.adapter", id).map(rows -> {
            if (rows.size() == 0) {
                throw ModelCatalog.unknown(id);
            }
            return rows.iterator().next();
        });
    }

    private static String jobId(RoutingContext ctx) {
        return PathParameter.of(ctx, "job_id");
    }

    private static int attempt(RoutingContext ctx) {
        @Nullable String attempt = Query.optional(ctx, "attempt");
        if (attempt == null || !attempt.matches("[1-9][0-9]{0,8}")) {
            throw ApiError.badRequest("The query needs attempt=N, the number that the task came with.", "attempt");
        }
        return Integer.parseInt(attempt);
    }
}

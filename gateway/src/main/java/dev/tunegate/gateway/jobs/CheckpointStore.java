package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.Page;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.stream.StreamSupport;

/** Checkpoints and the models they are, and the finished job's model. */
public final class CheckpointStore {
    /** How many checkpoints of a job are kept. */
    public static final int KEPT = 3;

    private final Database database;

    public CheckpointStore(Database database) {
        this.database = database;
    }

    /** A job's checkpoints, the newest step first, one more than the page holds where there is one. */
    public Future<List<Checkpoint>> list(String jobId, Page page) {
        return database.query("checkpoints.list", jobId, page.after(), page.rows())
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(Checkpoint::of)
                        .toList());
    }

    /** From here the next attempt goes on. An older step than the known one changes nothing. */
    public static Future<Void> resumeFrom(SqlConnection connection, Job job, int step, String resumeBlob) {
        return Database.query(connection, "checkpoints.resume_from", job.id(), step, resumeBlob)
                .mapEmpty();
    }

    /** Adds a checkpoint under a name of its own and lets the oldest go, except the best. A step that is there already is left. */
    public static Future<Void> add(SqlConnection connection, Job job, int step, String adapterBlob, JsonNode metrics) {
        return Database.query(connection, "checkpoints.exists", job.id(), step)
                .map(rows -> rows.iterator().next().getBoolean("found"))
                .compose(found ->
                        found ? Future.<Void>succeededFuture() : insert(connection, job, step, adapterBlob, metrics));
    }

    private static Future<Void> insert(
            SqlConnection connection, Job job, int step, String adapterBlob, JsonNode metrics) {
        String model = ModelNames.checkpoint(job, step);
        return createModel(connection, job, model, adapterBlob)
                .compose(created -> Database.query(
                        connection,
                        "checkpoints.create",
                        Ids.random("ftckpt_", 24),
                        job.project(),
                        job.id(),
                        step,
                        model,
                        metrics.toString()))
                .compose(created -> EventLog.append(
                        connection,
                        job.id(),
                        NewEvent.info("Checkpoint created at step " + step + " with Snapshot ID: " + model)))
                .compose(written -> Database.query(connection, "checkpoints.prune", job.id(), KEPT))
                .mapEmpty();
    }

    /** The job's end: its model, which one of its checkpoints is from now on, and its result files. */
    public static Future<Void> succeed(
            SqlConnection connection, Job job, String adapterBlob, List<String> resultFiles, long trainedTokens) {
        String model = ModelNames.fineTuned(job);
        return createModel(connection, job, model, adapterBlob)
                .compose(created -> Database.query(connection, "checkpoints.name_final", job.id(), model, adapterBlob))
                .compose(named -> JobTransitions.succeed(connection, job, model, resultFiles, trainedTokens));
    }

    private static Future<Void> createModel(SqlConnection connection, Job job, String name, String adapterBlob) {
        return Database.query(
                        connection,
                        "checkpoints.create_model",
                        name,
                        job.project(),
                        job.id(),
                        job.baseModel(),
                        adapterBlob)
                .mapEmpty();
    }
}

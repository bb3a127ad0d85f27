package dev.tunegate.gateway.backend;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.UnusedBlobs;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The models that jobs have made, checkpoints among them; each belongs to a project. */
public final class FineTunedModels {
    private final Database database;
    private final UnusedBlobs unused;

    public FineTunedModels(Database database, UnusedBlobs unused) {
        this.database = database;
        this.unused = unused;
    }

    /** A row of `models`. */
    public record FineTunedModel(String id, String baseModel, String adapterBlob, OffsetDateTime createdAt) {}

    /** A project's models, the newest first. */
    public Future<List<FineTunedModel>> list(String project) {
        return database.query("models.list", project).map(FineTunedModels::models);
    }

    public Future<Optional<FineTunedModel>> find(String project, String id) {
        return database.query("models.find", project, id)
                .map(rows -> models(rows).stream().findFirst());
    }

    /** Deletes a model and, where nothing else uses them, its adapter's bytes. False when there was no such model. */
    public Future<Boolean> delete(String project, String id) {
        return database.query("models.delete", project, id)
                .compose(deleted -> deleted.rowCount() == 0
                        ? Future.succeededFuture(false)
                        : unused.remove(deleted.iterator().next().getString("adapter_blob"))
                                .map(removed -> true));
    }

    private static List<FineTunedModel> models(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> new FineTunedModel(
                        row.getString("id"),
                        row.getString("base_model"),
                        row.getString("adapter_blob"),
                        row.getOffsetDateTime("created_at")))
                .toList();
    }
}

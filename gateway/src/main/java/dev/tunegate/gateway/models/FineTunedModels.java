package dev.tunegate.gateway.models;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.UnusedBlobs;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The models that jobs have made, checkpoints among them; each belongs to a project. */
public final class FineTunedModels {
    /** The first page of a list begins here. */
    public static final long NEWEST = Long.MAX_VALUE;

    /** So few that neither the database nor the event loop, which makes objects of them, is long at a page. */
    static final int PAGE = 250;

    private final Database database;
    private final UnusedBlobs unused;

    public FineTunedModels(Database database, UnusedBlobs unused) {
        this.database = database;
        this.unused = unused;
    }

    /**
     * A row of `models`.
     *
     * @param adapterBlob null for one that an upstream has
     * @param upstream null for one that is here
     */
    public record FineTunedModel(
            String id,
            String baseModel,
            @Nullable String adapterBlob,
            @Nullable String upstream,
            OffsetDateTime createdAt) {}

    /**
     * Some of a project's models, the newest first.
     *
     * @param next where the next page begins; empty behind the last one
     */
    public record Page(List<FineTunedModel> models, OptionalLong next) {}

    /**
     * A page of a project's models, each once: under one of its names where it has several.
     *
     * @param from {@link #NEWEST}, or what the page before this one says
     */
    public Future<Page> page(String project, long from) {
        return database.query("models.list", project, from, PAGE).map(rows -> {
            List<Row> page = StreamSupport.stream(rows.spliterator(), false).toList();
            return new Page(
                    page.stream()
                            .filter(row -> row.getBoolean("is_listed"))
                            .map(FineTunedModels::model)
                            .toList(),
                    page.size() < PAGE
                            ? OptionalLong.empty()
                            : OptionalLong.of(page.get(PAGE - 1).getLong("number")));
        });
    }

    public Future<Optional<FineTunedModel>> find(String project, String id) {
        return database.query("models.find", project, id)
                .map(rows -> models(rows).stream().findFirst());
    }

    /** Deletes a model and, where nothing else uses them, its adapter's bytes. False when there was no such model. */
    public Future<Boolean> delete(String project, String id) {
        return database.query("models.delete", project, id).compose(deleted -> {
            if (deleted.rowCount() == 0) {
                return Future.succeededFuture(false);
            }
            String adapter = deleted.iterator().next().getString("adapter_blob");
            return adapter == null
                    ? Future.succeededFuture(true)
                    : unused.remove(adapter).map(removed -> true);
        });
    }

    private static List<FineTunedModel> models(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(FineTunedModels::model)
                .toList();
    }

    private static FineTunedModel model(Row row) {
        return new FineTunedModel(
                row.getString("id"),
                row.getString("base_model"),
                row.getString("adapter_blob"),
                row.getString("upstream"),
                row.getOffsetDateTime("created_at"));
    }
}

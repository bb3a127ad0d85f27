package dev.tunegate.gateway.models;

import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.config.Purpose;
import dev.tunegate.gateway.config.Upstream;
import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.util.Optional;
import java.util.function.Supplier;

/** Knows where a model is: here, at an upstream, or nowhere that a project may know of. */
public final class ModelPlaces {
    private final Database database;
    private final ModelCatalog baseModels;
    private final ModelRoutes routes;

    public ModelPlaces(Database database, ModelCatalog baseModels, ModelRoutes routes) {
        this.database = database;
        this.baseModels = baseModels;
        this.routes = routes;
    }

    /** Where a model is. */
    public sealed interface Place {
        /**
         * The model is with the workers of this gateway.
         *
         * @param baseModel the model itself, or what it was fine-tuned from
         */
        record Local(String baseModel) implements Place {}

        /**
         * The model is on another host, under the same name.
         *
         * @param baseModel the model itself, or what a job of ours has tuned it from there
         */
        record Upstreamed(Upstream upstream, String baseModel) implements Place {}

        /** The model is nowhere that the project may know of. */
        record Unknown() implements Place {}
    }

    /** Finds where a model can be asked. */
    public Future<Place> forChat(String project, String model) {
        return locate(project, model, () -> routes.upstreamOf(model, Purpose.CHAT));
    }

    /** Finds where a model can be tuned. */
    public Future<Place> forFineTuning(String project, String model) {
        return locate(project, model, () -> routes.upstreamOf(model, Purpose.FINE_TUNING));
    }

    /** Finds where a model can be asked or tuned. */
    public Future<Place> find(String project, String model) {
        return locate(project, model, () -> routes.upstreamOf(model));
    }

    /** Takes one round trip to the database, whatever the model, because every chat request waits for it. */
    private Future<Place> locate(String project, String model, Supplier<Optional<Upstream>> elsewhere) {
        return database.query("models.locate", project, model)
                .map(rows -> place(rows.iterator().next(), model, elsewhere));
    }

    private Place place(Row row, String model, Supplier<Optional<Upstream>> elsewhere) {
        String baseModel = row.getString("base_model");
        String tunedAt = row.getString("upstream");
        if (tunedAt != null) {
            return routes.upstream(tunedAt)
                    .<Place>map(upstream -> new Place.Upstreamed(upstream, String.valueOf(baseModel)))
                    .orElseGet(Place.Unknown::new);
        }
        if (baseModel != null) {
            return new Place.Local(baseModel);
        }
        if (row.getBoolean("is_base") || baseModels.isInDirectories(model)) {
            return new Place.Local(model);
        }
        Optional<Upstream> upstream = row.getBoolean("is_anothers") ? Optional.empty() : elsewhere.get();
        return upstream.<Place>map(found -> new Place.Upstreamed(found, model)).orElseGet(Place.Unknown::new);
    }
}

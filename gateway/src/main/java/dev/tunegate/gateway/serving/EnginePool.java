package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.DirectoryTree;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.serving.EngineModelStore.Found;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Knows the models that other engines answer with, and the state of each. */
public final class EnginePool {
    private static final String NOT_YET = "model_loading";
    private static final String FAILED = "model_not_served";

    private final Map<String, EnginePlace> places;

    private EnginePool(Map<String, EnginePlace> places) {
        this.places = places;
    }

    /**
     * Begins to look after the engines.
     *
     * @param scratch for adapters on their way to engines that share no directory with this gateway. Blocks.
     * @param keptFree how many bytes of a disk adapters leave free
     * @param lookEvery how often it is looked whether something is to be done
     */
    public static EnginePool start(
            Vertx vertx,
            Database database,
            BlobStore blobs,
            Path scratch,
            long keptFree,
            List<EngineConfig> configured,
            Duration lookEvery)
            throws IOException {
        Map<String, EnginePlace> places = new LinkedHashMap<>();
        if (!configured.isEmpty()) {
            DirectoryTree.createPrivate(scratch);
        }
        for (EngineConfig config : configured) {
            Path directory =
                    config.directory() == null ? scratch : config.directory().here();
            AdapterFiles files = new AdapterFiles(vertx, blobs, directory, keptFree);
            places.put(config.baseModel(), EnginePlace.start(vertx, database, files, config, lookEvery));
        }
        return new EnginePool(places);
    }

    /** A model at its engine. */
    public static final class ServedModel {
        private final EnginePlace place;
        private final String name;

        private ServedModel(EnginePlace place, String name) {
            this.place = place;
            this.name = name;
        }

        public EngineConfig config() {
            return place.config();
        }

        /** The kind of engine, as messages name it. */
        public String engine() {
            return place.config().engine().text();
        }

        /** The engine's name for it. */
        public String name() {
            return name;
        }

        /** Changes a chat request into one that the engine answers with this model; fails with a 503 when it cannot. */
        public Future<ObjectNode> address(ObjectNode request) {
            return place.engine()
                    .address(request, name)
                    .recover(failure -> doubt().transform(noted -> Future.failedFuture(
                            failure instanceof EngineProblem problem
                                    ? notReady(place.config(), ModelState.WAITING, problem.reason())
                                    : failure)));
        }

        /** Notes that the engine said it has no such model: it is loaded again, and until then nobody is sent there. */
        public Future<Void> doubt() {
            return place.store().doubt(name);
        }

        /** The answer to a client when the engine has said so. */
        public ApiError lost() {
            return notReady(place.config(), ModelState.WAITING, "it has just lost the model, which is loaded again");
        }
    }

    /** Whether an engine answers with this base model and with what was tuned from it. */
    public boolean serves(String baseModel) {
        return places.containsKey(baseModel);
    }

    /** Finds a model that is ready; fails with a 503 that says what is going on with one that is not. */
    public Future<ServedModel> ready(String project, String model, String baseModel) {
        EnginePlace place = place(baseModel);
        return place.store().find(project, model).map(found -> {
            ModelState state = found.map(Found::state).orElseGet(() -> notEnrolled(place));
            if (!state.state().equals(ModelState.READY)) {
                throw notReady(place.config(), state.state(), state.reason());
            }
            return new ServedModel(place, found.orElseThrow().name());
        });
    }

    private static ApiError notReady(EngineConfig config, String state, @Nullable String reason) {
        String engine = config.engine().text();
        String why = reason == null ? "" : ": " + reason;
        return state.equals(ModelState.FAILED)
                ? ApiError.unavailable(
                        engine + " does not answer with this model" + why + ". It is tried again.", FAILED)
                : ApiError.unavailable(
                        "This model is not ready at " + engine + " yet (" + state + ")" + why + ". Try again shortly.",
                        NOT_YET);
    }

    private static ModelState notEnrolled(EnginePlace place) {
        return ModelState.of(place.config().engine(), ModelState.WAITING, null);
    }

    /** The states of the base models, and of those of these adapters that were fine-tuned from them, by base model. */
    Future<Map<String, States>> states(Collection<String> adapters) {
        Map<String, States> all = new HashMap<>();
        return Future.join(places.values().stream()
                        .map(place -> place.store()
                                .list(adapters)
                                .onSuccess(states ->
                                        all.put(place.config().baseModel(), new States(states, notEnrolled(place)))))
                        .toList())
                .map(listed -> all);
    }

    /** The states of a base model and of what was fine-tuned from it. */
    record States(Map<String, ModelState> byAdapter, ModelState otherwise) {
        ModelState ofBase() {
            return ofAdapter("");
        }

        ModelState ofAdapter(String adapterBlob) {
            return byAdapter.getOrDefault(adapterBlob, otherwise);
        }
    }

    private EnginePlace place(String baseModel) {
        return Objects.requireNonNull(places.get(baseModel), "no engine serves it");
    }

    public Future<Void> close() {
        return Future.join(places.values().stream().map(EnginePlace::close).toList())
                .mapEmpty();
    }
}

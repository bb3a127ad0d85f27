package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.models.InferenceServers;
import dev.tunegate.gateway.models.ModelCatalog;
import dev.tunegate.gateway.models.ModelPlaces;
import dev.tunegate.gateway.models.ModelPlaces.Place;
import dev.tunegate.gateway.serving.EnginePool;
import io.vertx.core.Future;
import java.util.List;

/**
 * Knows who answers with which model: the engine that serves it, a worker that is there and has it, or another host.
 */
public final class ChatRouter {
    private final ModelPlaces places;
    private final EnginePool engines;
    private final InferenceServers workers;

    public ChatRouter(ModelPlaces places, EnginePool engines, InferenceServers workers) {
        this.places = places;
        this.engines = engines;
        this.workers = workers;
    }

    /**
     * The places to try, one after the other. Fails with a 404 for a model that is unknown to the project, and with a 503
     * when there is nobody to answer right now.
     *
     * @param model no alias any more
     */
    public Future<List<ChatTarget>> forModel(String project, String model) {
        return places.forChat(project, model).compose(place -> {
            String baseModel = place instanceof Place.Local local ? local.baseModel() : model;
            if (engines.serves(baseModel)) { // an engine's base model may be one that no worker has
                return engines.ready(project, model, baseModel).map(ready -> List.of(new EngineTarget(ready)));
            }
            if (place instanceof Place.Local) {
                return workers(model, baseModel);
            }
            if (place instanceof Place.Upstreamed there) {
                return Future.succeededFuture(List.of(new UpstreamTarget(there.upstream())));
            }
            throw ModelCatalog.unknown(model);
        });
    }

    private Future<List<ChatTarget>> workers(String model, String baseModel) {
        return workers.serving(baseModel).map(found -> {
            if (found.isEmpty()) {
                throw nobody(model);
            }
            return found.stream().<ChatTarget>map(WorkerTarget::new).toList();
        });
    }

    private static ApiError nobody(String model) {
        return ApiError.unavailable(
                "No worker that can answer with '" + ApiError.quoted(model) + "' is connected. Try again shortly.",
                "no_worker");
    }
}

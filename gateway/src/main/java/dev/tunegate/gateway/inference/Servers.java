package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.api.ApiError;
import dev.tunegate.gateway.backend.FineTunedModels;
import dev.tunegate.gateway.backend.FineTunedModels.FineTunedModel;
import dev.tunegate.gateway.backend.InferenceServers;
import dev.tunegate.gateway.backend.InferenceServers.InferenceServer;
import dev.tunegate.gateway.backend.ModelCatalog;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Who answers with which model: a worker that is there and has the model, or the base of a fine-tuned one. */
public final class Servers {
    private final ModelCatalog baseModels;
    private final FineTunedModels fineTuned;
    private final InferenceServers servers;

    public Servers(ModelCatalog baseModels, FineTunedModels fineTuned, InferenceServers servers) {
        this.baseModels = baseModels;
        this.fineTuned = fineTuned;
        this.servers = servers;
    }

    /**
     * The servers to try, one after the other. Fails with a 404 for a model that is unknown to the project, and with a
     * 503 when there is nobody to answer right now.
     */
    public Future<List<InferenceServer>> forModel(String project, String model) {
        return fineTuned
                .find(project, model)
                .compose(found -> base(model, found))
                .compose(servers::serving)
                .map(found -> {
                    if (found.isEmpty()) {
                        throw nobody(model);
                    }
                    return found;
                });
    }

    private Future<String> base(String model, Optional<FineTunedModel> fineTuned) {
        if (fineTuned.isPresent()) {
            return Future.succeededFuture(fineTuned.get().baseModel());
        }
        return baseModels.isBaseModel(model).map(known -> {
            if (!known) {
                throw ApiError.unknownModel(ApiError.quoted(model));
            }
            return model;
        });
    }

    private static ApiError nobody(String model) {
        return ApiError.unavailable(
                "No worker that can answer with '" + ApiError.quoted(model) + "' is connected. Try again shortly.",
                "no_worker");
    }
}

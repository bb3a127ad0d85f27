package dev.tunegate.gateway.api;

import dev.tunegate.gateway.backend.FineTunedModels;
import dev.tunegate.gateway.backend.FineTunedModels.FineTunedModel;
import dev.tunegate.gateway.backend.ModelCatalog;
import dev.tunegate.gateway.jobs.ModelNames;
import dev.tunegate.gateway.security.Caller;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** /v1/models: the base models that workers have, and what was fine-tuned from them. */
public final class ModelsResource {
    private static final String BASE_OWNER = "tunegate";

    private final ModelCatalog baseModels;
    private final FineTunedModels fineTuned;

    public ModelsResource(ModelCatalog baseModels, FineTunedModels fineTuned) {
        this.baseModels = baseModels;
        this.fineTuned = fineTuned;
    }

    public Map<String, Operation> operations() {
        return Map.of("listModels", this::list, "retrieveModel", this::retrieve, "deleteModel", this::delete);
    }

    record ModelObject(String id, String object, long created, String ownedBy) {
        /** A directory of weights has no date that means anything; clients want a number. */
        static ModelObject base(String id) {
            return new ModelObject(id, "model", 0, BASE_OWNER);
        }

        static ModelObject of(FineTunedModel model, String project) {
            return new ModelObject(
                    model.id(), "model", model.createdAt().toEpochSecond(), ModelNames.organization(project));
        }
    }

    record ModelList(String object, List<ModelObject> data) {}

    record Deleted(String id, String object, boolean deleted) {}

    private Future<ModelList> list(RoutingContext ctx) {
        String project = Caller.of(ctx).project();
        return baseModels
                .baseModels()
                .compose(ids -> fineTuned.list(project).map(models -> {
                    List<ModelObject> data = new ArrayList<>();
                    ids.forEach(id -> data.add(ModelObject.base(id)));
                    models.forEach(model -> data.add(ModelObject.of(model, project)));
                    return new ModelList("list", data);
                }));
    }

    private Future<ModelObject> retrieve(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "model");
        String project = Caller.of(ctx).project();
        return fineTuned
                .find(project, id)
                .compose(found -> found.isPresent()
                        ? Future.succeededFuture(ModelObject.of(found.get(), project))
                        : baseModels.isBaseModel(id).map(known -> {
                            if (!known) {
                                throw ApiError.unknownModel(ApiError.quoted(id));
                            }
                            return ModelObject.base(id);
                        }));
    }

    private Future<Deleted> delete(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "model");
        return fineTuned
                .delete(Caller.of(ctx).project(), id)
                .compose(deleted -> deleted
                        ? Future.succeededFuture(new Deleted(id, "model", true))
                        : baseModels.isBaseModel(id).map(known -> {
                            throw known
                                    ? ApiError.forbidden(
                                            "'" + id + "' is a base model; it cannot be deleted through the API."
                                                    + " Remove it from the workers' models directories.")
                                    : ApiError.unknownModel(ApiError.quoted(id));
                        }));
    }
}

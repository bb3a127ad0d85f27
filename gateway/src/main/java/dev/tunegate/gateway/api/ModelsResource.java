package dev.tunegate.gateway.api;

import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.UnusedBlobs;
import dev.tunegate.gateway.forwarding.ForwardedJobs;
import dev.tunegate.gateway.forwarding.Hosts;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.PathParameter;
import dev.tunegate.gateway.http.Resource;
import dev.tunegate.gateway.models.FineTunedModels;
import dev.tunegate.gateway.models.FineTunedModels.FineTunedModel;
import dev.tunegate.gateway.models.InferenceServers;
import dev.tunegate.gateway.models.ModelCatalog;
import dev.tunegate.gateway.models.ModelPlaces;
import dev.tunegate.gateway.models.ModelPlaces.Place;
import dev.tunegate.gateway.serving.EnginePool;
import dev.tunegate.gateway.serving.ModelState;
import dev.tunegate.gateway.serving.ModelStates;
import dev.tunegate.gateway.serving.ModelStates.Snapshot;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The resource /v1/models: the base models that workers have, what was fine-tuned from them, what upstreams have, and
 * aliases of it all.
 */
public final class ModelsResource implements Resource {
    private final ModelCatalog baseModels;
    private final FineTunedModels fineTuned;
    private final ModelRoutes routes;
    private final ModelPlaces places;
    private final ModelStates states;
    private final ForwardedJobs forwarded;

    private ModelsResource(
            ModelCatalog baseModels,
            FineTunedModels fineTuned,
            ModelRoutes routes,
            ModelPlaces places,
            ModelStates states,
            ForwardedJobs forwarded) {
        this.forwarded = forwarded;
        this.places = places;
        this.states = states;
        this.baseModels = baseModels;
        this.fineTuned = fineTuned;
        this.routes = routes;
    }

    /** Serves the models of this gateway's workers and engines, of its jobs, and of other hosts. */
    public static ModelsResource of(
            Database database,
            BlobStore blobs,
            ModelCatalog catalog,
            ModelPlaces places,
            EnginePool engines,
            Hosts hosts,
            ModelRoutes routes) {
        return new ModelsResource(
                catalog,
                new FineTunedModels(database, new UnusedBlobs(database, blobs)),
                routes,
                places,
                new ModelStates(engines, new InferenceServers(database)),
                new ForwardedJobs(database, hosts));
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of("listModels", this::list, "retrieveModel", this::retrieve, "deleteModel", this::delete);
    }

    record Deleted(String id, String object, boolean deleted) {}

    private Future<Void> list(RoutingContext ctx) {
        String project = Caller.of(ctx).project();
        return states.of(List.of())
                .compose(snapshot -> baseModels.baseModels().compose(ids -> {
                    ModelListing listing = new ModelListing(ctx.response(), routes);
                    Set<String> bases = new TreeSet<>(ids);
                    bases.addAll(snapshot.engineModels());
                    bases.forEach(id -> listing.add(ModelObject.base(id, snapshot)));
                    return addFineTuned(listing, project, FineTunedModels.NEWEST)
                            .compose(added -> listing.end());
                }));
    }

    private Future<Void> addFineTuned(ModelListing listing, String project, long from) {
        return fineTuned
                .page(project, from)
                .compose(page -> states.of(page.models()).compose(snapshot -> {
                    page.models().forEach(model -> listing.add(ModelObject.of(model, project, snapshot)));
                    return page.next().isEmpty()
                            ? Future.succeededFuture()
                            : listing.flush()
                                    .compose(sent -> addFineTuned(
                                            listing, project, page.next().getAsLong()));
                }));
    }

    private Future<ModelObject> retrieve(RoutingContext ctx) {
        String name = PathParameter.of(ctx, "model");
        return find(ctx, routes.resolve(name)).map(found -> found.named(name));
    }

    private Future<ModelObject> find(RoutingContext ctx, String id) {
        String project = Caller.of(ctx).project();
        return fineTuned
                .find(project, id)
                .compose(found -> states.of(found.stream().toList())
                        .compose(snapshot -> found.isPresent()
                                ? Future.succeededFuture(ModelObject.of(found.get(), project, snapshot))
                                : places.find(project, id).map(place -> base(id, place, snapshot))));
    }

    private static ModelObject base(String id, Place place, Snapshot snapshot) {
        if (place instanceof Place.Local || snapshot.engineModels().contains(id)) {
            return ModelObject.base(id, snapshot);
        }
        if (place instanceof Place.Upstreamed there) {
            return ModelObject.of(id, there.upstream());
        }
        throw ModelCatalog.unknown(id);
    }

    private Future<Deleted> delete(RoutingContext ctx) {
        String id = PathParameter.of(ctx, "model");
        if (routes.isAlias(id)) {
            throw ApiError.forbidden("'" + ApiError.quoted(id)
                    + "' is an alias; it cannot be deleted through the API. Take it out of the"
                    + " gateway's configuration.");
        }
        String project = Caller.of(ctx).project();
        return deleteThere(project, id)
                .compose(there -> fineTuned.delete(project, id))
                .compose(deleted -> {
                    if (deleted) {
                        return Future.succeededFuture(new Deleted(id, "model", true));
                    }
                    return find(ctx, id).map(found -> {
                        throw ApiError.forbidden("'" + ApiError.quoted(id) + "' "
                                + (found.tunegate().serving().equals(ModelState.UPSTREAM)
                                        ? "is a model of the upstream '" + found.ownedBy()
                                                + "'; it cannot be deleted through this gateway."
                                        : "is a base model; it cannot be deleted through the API. Remove it from the"
                                                + " workers' models directories."));
                    });
                });
    }

    /** Deletes a model at the upstream that has it, because what is left there would still cost something. */
    private Future<Void> deleteThere(String project, String id) {
        return fineTuned.find(project, id).compose(found -> {
            String upstream = found.map(FineTunedModel::upstream).orElse(null);
            return upstream == null ? Future.succeededFuture() : forwarded.deleteModel(upstream, id);
        });
    }
}

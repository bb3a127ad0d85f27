package dev.tunegate.gateway.api;

import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The list of all models on its way to a client, a part at a time: OpenAI's list has no pages, so that thousands of models
 * are one answer, and the event loop has others to serve in between.
 */
final class ModelListing {
    private final HttpServerResponse response;
    private final ModelRoutes routes;
    /** The models that an alias or an upstream's entry may name. */
    private final Set<String> nameable = new HashSet<>();

    private final Map<String, ModelObject> named = new HashMap<>();
    private Buffer unsent = Buffer.buffer("{\"object\":\"list\",\"data\":[");
    private boolean isEmpty = true;

    ModelListing(HttpServerResponse response, ModelRoutes routes) {
        this.response = response;
        this.routes = routes;
        nameable.addAll(routes.spelledOut().keySet());
        routes.aliases().stream().map(routes::resolve).forEach(nameable::add);
    }

    /** Adds a model, which is left out where an alias has taken its name. */
    void add(ModelObject model) {
        if (nameable.contains(model.id())) {
            named.put(model.id(), model);
        }
        if (!routes.isAlias(model.id())) {
            append(model);
        }
    }

    private void append(ModelObject model) {
        if (!isEmpty) {
            unsent.appendByte((byte) ',');
        }
        isEmpty = false;
        unsent.appendBuffer(Json.bytes(model));
    }

    /** Sends what has been added; succeeds when the client has taken it. */
    Future<Void> flush() {
        Buffer part = unsent;
        unsent = Buffer.buffer();
        if (!response.headWritten()) {
            response.putHeader("content-type", "application/json").setChunked(true);
        }
        return response.write(part);
    }

    /** Adds the models of upstreams and the aliases, because clients look a model up before they use it, and ends the list. */
    Future<Void> end() {
        routes.spelledOut().forEach((id, upstream) -> {
            if (!named.containsKey(id)) {
                add(ModelObject.of(id, upstream));
            }
        });
        for (String alias : routes.aliases()) {
            target(routes.resolve(alias)).ifPresent(target -> append(target.named(alias)));
        }
        if (!response.headWritten()) {
            response.putHeader("content-type", "application/json");
        }
        return response.end(unsent.appendString("]}"));
    }

    private Optional<ModelObject> target(String id) {
        return Optional.ofNullable(named.get(id))
                .or(() -> routes.upstreamOf(id).map(upstream -> ModelObject.of(id, upstream)));
    }
}

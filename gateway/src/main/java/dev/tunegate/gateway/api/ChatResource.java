package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.inference.ChatRelay;
import dev.tunegate.gateway.inference.EngineRelay;
import dev.tunegate.gateway.inference.Servers;
import dev.tunegate.gateway.security.Caller;
import dev.tunegate.gateway.serving.Servings;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** /v1/chat/completions: finds out who can answer, and passes the request on as it is but for an alias in it. */
public final class ChatResource {
    private final ModelRoutes routes;
    private final Servers servers;
    private final ChatRelay relay;
    private final Servings servings;
    private final EngineRelay engines;

    public ChatResource(ModelRoutes routes, Servers servers, ChatRelay relay, Servings servings, EngineRelay engines) {
        this.routes = routes;
        this.servers = servers;
        this.relay = relay;
        this.servings = servings;
        this.engines = engines;
    }

    public Map<String, Operation> operations() {
        return Map.of("createChatCompletion", this::create);
    }

    private Future<Void> create(RoutingContext ctx) {
        ObjectNode request = Json.body(ctx);
        JsonNode sent = request.path("model");
        if (!sent.isTextual() || sent.textValue().isEmpty()) {
            throw ApiError.badRequest("you must provide a model parameter", "model");
        }
        String model = routes.resolve(sent.textValue());
        String project = Caller.of(ctx).project();
        return servings.baseModel(project, model)
                .compose(served -> served.isPresent()
                        ? servings.ready(project, model, served.get())
                                .compose(found -> engines.relay(found, request, model, ctx.response()))
                        : askWorkers(ctx, request, model));
    }

    private Future<Void> askWorkers(RoutingContext ctx, ObjectNode request, String model) {
        Buffer body = !model.equals(request.path("model").asText())
                ? Json.bytes(request.put("model", model))
                : RequestBody.of(ctx);
        return servers.forModel(Caller.of(ctx).project(), model)
                .compose(found -> relay.relay(found, body, ctx.response()));
    }
}

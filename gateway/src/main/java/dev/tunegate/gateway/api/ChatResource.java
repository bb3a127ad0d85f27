package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.inference.ChatRelay;
import dev.tunegate.gateway.inference.Servers;
import dev.tunegate.gateway.security.Caller;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** /v1/chat/completions: finds out who can answer, and passes the request on as it is but for an alias in it. */
public final class ChatResource {
    private final ModelRoutes routes;
    private final Servers servers;
    private final ChatRelay relay;

    public ChatResource(ModelRoutes routes, Servers servers, ChatRelay relay) {
        this.routes = routes;
        this.servers = servers;
        this.relay = relay;
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
        Buffer body = routes.isAlias(sent.textValue()) ? Json.bytes(request.put("model", model)) : RequestBody.of(ctx);
        return servers.forModel(Caller.of(ctx).project(), model)
                .compose(found -> relay.relay(found, body, ctx.response()));
    }
}

package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.inference.ChatRelay;
import dev.tunegate.gateway.inference.Servers;
import dev.tunegate.gateway.security.Caller;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** /v1/chat/completions: finds out who can answer, and passes the request on as it is. */
public final class ChatResource {
    private final Servers servers;
    private final ChatRelay relay;

    public ChatResource(Servers servers, ChatRelay relay) {
        this.servers = servers;
        this.relay = relay;
    }

    public Map<String, Operation> operations() {
        return Map.of("createChatCompletion", this::create);
    }

    private Future<Void> create(RoutingContext ctx) {
        JsonNode model = Json.body(ctx).path("model");
        if (!model.isTextual() || model.textValue().isEmpty()) {
            throw ApiError.badRequest("you must provide a model parameter", "model");
        }
        return servers.forModel(Caller.of(ctx).project(), model.textValue())
                .compose(found -> relay.relay(found, RequestBody.of(ctx), ctx.response()));
    }
}

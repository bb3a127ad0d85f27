package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.inference.ChatAnswer;
import dev.tunegate.gateway.inference.ChatRelay;
import dev.tunegate.gateway.inference.ChatRequest;
import dev.tunegate.gateway.inference.ChatTap;
import dev.tunegate.gateway.inference.Targets;
import dev.tunegate.gateway.security.Caller;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** /v1/chat/completions: finds out who can answer, and passes the request on as it is but for an alias in it. */
public final class ChatResource {
    private final ModelRoutes routes;
    private final Targets targets;
    private final ChatRelay relay;

    public ChatResource(ModelRoutes routes, Targets targets, ChatRelay relay) {
        this.routes = routes;
        this.targets = targets;
        this.relay = relay;
    }

    public Map<String, Operation> operations() {
        return Map.of("createChatCompletion", this::create);
    }

    private Future<Void> create(RoutingContext ctx) {
        ObjectNode json = Json.body(ctx);
        JsonNode sent = json.path("model");
        if (!sent.isTextual() || sent.textValue().isEmpty()) {
            throw ApiError.badRequest("you must provide a model parameter", "model");
        }
        ForeignFields.refuse(json);
        String model = routes.resolve(sent.textValue());
        ChatRequest request = ChatRequest.of(json, false, RequestBody.of(ctx), model);
        ChatAnswer answer = new ChatAnswer(ctx.vertx(), ctx.response(), ChatTap.NONE);
        return targets.forModel(Caller.of(ctx).project(), model).compose(found -> relay.relay(found, request, answer));
    }
}

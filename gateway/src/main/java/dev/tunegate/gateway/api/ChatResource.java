package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.capture.Capture;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.RequestBody;
import dev.tunegate.gateway.http.Resource;
import dev.tunegate.gateway.inference.ChatAnswer;
import dev.tunegate.gateway.inference.ChatRelay;
import dev.tunegate.gateway.inference.ChatRequest;
import dev.tunegate.gateway.inference.ChatRouter;
import dev.tunegate.gateway.inference.ChatTap;
import dev.tunegate.gateway.models.InferenceServers;
import dev.tunegate.gateway.models.ModelPlaces;
import dev.tunegate.gateway.quotas.ChatSlots;
import dev.tunegate.gateway.serving.EnginePool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/**
 * The resource /v1/chat/completions. It finds out who can answer and passes the request on as it is, but for an alias
 * in it and for what says that its answer is to be kept.
 */
public final class ChatResource implements Resource {
    private final ModelRoutes routes;
    private final ChatRouter router;
    private final ChatRelay relay;
    private final Capture capture;
    private final ChatSlots slots;

    private ChatResource(ModelRoutes routes, ChatRouter router, ChatRelay relay, Capture capture, ChatSlots slots) {
        this.routes = routes;
        this.router = router;
        this.relay = relay;
        this.capture = capture;
        this.slots = slots;
    }

    /** Serves chat with whatever answers: workers, engines, other hosts. */
    public static ChatResource of(
            Vertx vertx,
            Database database,
            ModelPlaces places,
            EnginePool engines,
            Capture capture,
            ModelRoutes routes,
            ChatSlots slots) {
        ChatRouter router = new ChatRouter(places, engines, new InferenceServers(database));
        return new ChatResource(routes, router, new ChatRelay(vertx), capture, slots);
    }

    @Override
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
        LogitBias.check(json);
        StoreFields store = StoreFields.take(ctx, json);
        ChatTap tap = store.isAsked() ? capture.tap(store.request(ctx, json)) : ChatTap.NONE;
        String model = routes.resolve(sent.textValue());
        ChatAnswer answer = new ChatAnswer(ctx.vertx(), ctx.response(), tap);
        String project = Caller.of(ctx).project();
        return slots.within(
                project,
                () -> ChatRequest.of(ctx.vertx(), json, store.wereThere(), RequestBody.of(ctx), model)
                        .compose(request ->
                                router.forModel(project, model).compose(found -> relay.relay(found, request, answer))));
    }
}

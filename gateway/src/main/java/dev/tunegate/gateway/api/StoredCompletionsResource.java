package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.capture.CompletionFilter;
import dev.tunegate.gateway.capture.CompletionStore;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.Operation;
import dev.tunegate.gateway.http.Page;
import dev.tunegate.gateway.http.PathParameter;
import dev.tunegate.gateway.http.Query;
import dev.tunegate.gateway.http.Resource;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** The answers that were kept: what /v1/chat/completions has beside POST. */
public final class StoredCompletionsResource implements Resource {
    private static final int PAGE = 20;
    private static final int MAX_PAGE = 100;

    private final CompletionStore completions;

    private StoredCompletionsResource(CompletionStore completions) {
        this.completions = completions;
    }

    public static StoredCompletionsResource of(Database database) {
        return new StoredCompletionsResource(new CompletionStore(database));
    }

    @Override
    public Map<String, Operation> operations() {
        return Map.of(
                "listChatCompletions", this::list,
                "getChatCompletion", this::retrieve,
                "getChatCompletionMessages", this::messages,
                "updateChatCompletion", this::update,
                "deleteChatCompletion", this::delete);
    }

    record Deleted(String object, String id, boolean deleted) {}

    private Future<Page.IdentifiedListing<StoredCompletionObject>> list(RoutingContext ctx) {
        Page page = Page.of(ctx, PAGE, MAX_PAGE);
        CompletionFilter filter = new CompletionFilter(
                Query.optional(ctx, "model"), Query.optional(ctx, "dataset"), Query.map(ctx, "metadata"));
        return completions
                .list(project(ctx), filter, Query.isDescending(ctx, false), page)
                .map(rows -> page.listing(
                        rows.stream().map(StoredCompletionObject::of).toList(), StoredCompletionObject::id));
    }

    private Future<StoredCompletionObject> retrieve(RoutingContext ctx) {
        return completions
                .find(project(ctx), id(ctx))
                .map(found -> StoredCompletionObject.of(found.orElseThrow(() -> unknown(ctx))));
    }

    private Future<Page.IdentifiedListing<ObjectNode>> messages(RoutingContext ctx) {
        Page page = Page.of(ctx, PAGE, MAX_PAGE);
        boolean lastFirst = Query.isDescending(ctx, false);
        return retrieve(ctx)
                .compose(known -> completions.messages(project(ctx), id(ctx), lastFirst, page))
                .map(rows -> page.listing(
                        rows.stream().map(StoredMessageObject::of).toList(),
                        message -> message.path("id").textValue()));
    }

    private Future<StoredCompletionObject> update(RoutingContext ctx) {
        ObjectNode body = Json.body(ctx);
        body.properties().forEach(field -> {
            if (!field.getKey().equals("metadata")) {
                throw InvalidField.unknown(field.getKey(), field.getValue());
            }
        });
        JsonNode metadata = body.get("metadata");
        if (metadata == null) {
            throw InvalidField.missing("metadata");
        }
        return completions
                .setMetadata(project(ctx), id(ctx), StoreFields.metadata(metadata))
                .map(found -> StoredCompletionObject.of(found.orElseThrow(() -> unknown(ctx))));
    }

    private Future<Deleted> delete(RoutingContext ctx) {
        return completions.delete(project(ctx), id(ctx)).map(deleted -> {
            if (!deleted) {
                throw unknown(ctx);
            }
            return new Deleted("chat.completion.deleted", id(ctx), true);
        });
    }

    private static String project(RoutingContext ctx) {
        return Caller.of(ctx).project();
    }

    private static String id(RoutingContext ctx) {
        return PathParameter.of(ctx, "completion_id");
    }

    private static ApiError unknown(RoutingContext ctx) {
        return CompletionStore.unknown(id(ctx));
    }
}

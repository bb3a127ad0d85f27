package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.StorageFull;
import dev.tunegate.gateway.inference.ChatTap;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the answers to chat requests that ask for it. It has few connections of its own, on which Postgres itself gives up
 * in time: where writing hangs, answers that are not to be kept, and all else, still have the gateway's pool.
 */
public final class Capture {
    private static final Logger log = LoggerFactory.getLogger(Capture.class);
    private static final int CONNECTIONS = 4;
    private static final int MAX_ID = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Postgres gives up first: otherwise an answer would be kept a moment after its client was told that it is not. */
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(4);

    private final Vertx vertx;
    private final Pool pool;

    private Capture(Vertx vertx, Pool pool) {
        this.vertx = vertx;
        this.pool = pool;
    }

    public static Capture open(Vertx vertx, Database database) {
        return new Capture(vertx, database.separatePool(CONNECTIONS, STATEMENT_TIMEOUT));
    }

    /** Makes the tap that hears the answer to a request and keeps it. */
    public ChatTap tap(CapturedRequest request) {
        return new CapturedAnswer(vertx, this, request);
    }

    /** Succeeds when request and completion are committed; fails with an {@link ApiError}. */
    Future<Void> keep(CapturedRequest request, ObjectNode completion) {
        String sent = stored(completion.path("id"));
        String id = sent.isEmpty() || sent.length() > MAX_ID ? Ids.random("chatcmpl-", 29) : sent;
        return insert(request, completion, id)
                // Some hosts count their ids from one to a thousand. Both answers stay.
                .compose(isNew ->
                        isNew ? Future.succeededFuture(true) : insert(request, completion, Ids.random(id + "-", 12)))
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> {
                    log.error("{}: an answer was not kept", request.requestId(), failure);
                    return Future.failedFuture(StorageFull.is(failure) ? noRoom() : notKept());
                })
                .mapEmpty();
    }

    private Future<Boolean> insert(CapturedRequest request, ObjectNode completion, String id) {
        ObjectNode rest = Json.MAPPER.createObjectNode();
        rest.setAll(request.chat());
        JsonNode messages = rest.get("messages") instanceof ArrayNode array ? array : Json.MAPPER.createArrayNode();
        rest.remove("messages");
        return Database.query(
                        pool,
                        "completions.create",
                        id,
                        request.project(),
                        request.requestId(),
                        stored(completion.path("model")),
                        request.dataset(),
                        request.metadata().toString(),
                        rest.toString(),
                        messages.toString(),
                        completion.toString())
                .map(rows -> rows.rowCount() == 1);
    }

    /** Replaces the one character that Postgres does not store. */
    private static String stored(JsonNode text) {
        return text.asText().replace('\0', '\uFFFD');
    }

    private static ApiError notKept() {
        return ApiError.unavailable(
                "The answer was not kept, because the database did not confirm that it is stored. Ask again, or without"
                        + " 'store'.",
                "capture_failed");
    }

    private static ApiError noRoom() {
        return ApiError.storageFull("The answer was not kept, because the database's disk is full. Ask again when there"
                + " is room, or without 'store'.");
    }

    public Future<Void> close() {
        return pool.close();
    }
}

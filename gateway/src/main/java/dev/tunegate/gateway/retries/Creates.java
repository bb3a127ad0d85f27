package dev.tunegate.gateway.retries;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.retries.Tries.Made;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Remembers which request has made what: a repeated one makes nothing more, at whichever gateway it arrives. */
public final class Creates {
    private final Database database;
    private final String kind;

    /** What can be created. */
    public enum Kind {
        JOB,
        FILE
    }

    public Creates(Database database, Kind kind) {
        this.database = database;
        this.kind = kind.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Has something made, unless this very create has made it already. Equal requests wait for each other's transaction.
     *
     * @param find what an earlier try has made, by its id
     * @param make makes it, with this id
     */
    public <T> Future<T> once(
            SqlConnection connection,
            CreateRequest request,
            String newId,
            Function<String, Future<T>> find,
            Function<String, Future<T>> make) {
        String key = request.idempotencyKey();
        String lock =
                String.join("\n", kind, request.project(), request.caller(), key == null ? request.sha256() : key);
        return Database.query(connection, "creates.lock", lock)
                .compose(locked -> key == null ? byTry(connection, request) : byKey(connection, request, key))
                .compose(made -> made.isPresent()
                        ? find.apply(made.get())
                        : make.apply(newId)
                                .compose(
                                        thing -> add(connection, request, newId).map(thing)));
    }

    /** Notes that a caller has used an id. */
    public Future<Void> used(Caller caller, String id) {
        return database.query("creates.used", kind, id, CreateRequest.callerId(caller))
                .mapEmpty();
    }

    /** Notes that a list is about to show ids. */
    public Future<Void> listed(List<String> ids) {
        return ids.isEmpty()
                ? Future.succeededFuture()
                : database.query("creates.listed", kind, ids.toArray(new String[0]))
                        .mapEmpty();
    }

    private Future<Optional<String>> byKey(SqlConnection connection, CreateRequest request, String key) {
        return Database.query(connection, "creates.by_key", kind, request.project(), request.caller(), key)
                .map(rows -> {
                    if (rows.size() == 0) {
                        return Optional.empty();
                    }
                    Row row = rows.iterator().next();
                    if (!row.getString("request_sha256").equals(request.sha256())) {
                        throw ApiError.badRequest(
                                "This Idempotency-Key was used before with another request. Use a new one.",
                                null,
                                "idempotency_key_reused");
                    }
                    return Optional.of(row.getString("subject"));
                });
    }

    private Future<Optional<String>> byTry(SqlConnection connection, CreateRequest request) {
        Integer number = request.tryNumber();
        if (number == null) {
            return Future.succeededFuture(Optional.empty());
        }
        return Database.query(
                        connection, "creates.by_request", kind, request.project(), request.caller(), request.sha256())
                .map(rows -> Tries.find(
                        StreamSupport.stream(rows.spliterator(), false)
                                .map(Creates::made)
                                .toList(),
                        number))
                .compose(made -> made.isEmpty()
                        ? Future.succeededFuture(made)
                        : Database.query(connection, "creates.add_try", kind, made.get(), number)
                                .map(made));
    }

    private Future<Void> add(SqlConnection connection, CreateRequest request, String id) {
        @Nullable Integer number = request.tryNumber();
        return Database.query(
                        connection,
                        "creates.add",
                        kind,
                        id,
                        request.project(),
                        request.caller(),
                        request.sha256(),
                        request.idempotencyKey(),
                        number == null ? 0 : number)
                .mapEmpty();
    }

    private static Made made(Row row) {
        return new Made(
                row.getString("subject"),
                Arrays.asList(row.getArrayOfIntegers("tries")),
                row.getBoolean("is_in_use") || row.getBoolean("is_over"));
    }
}

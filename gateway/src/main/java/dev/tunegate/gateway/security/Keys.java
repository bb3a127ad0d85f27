package dev.tunegate.gateway.security;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** The keys in the database. */
public final class Keys {
    private final Database database;

    public Keys(Database database) {
        this.database = database;
    }

    /** A key just made, with the secret that nobody will see again. */
    public record Created(ApiKey key, String secret) {}

    public Future<Created> create(String project, String name, ApiKey.Kind kind) {
        String secret = Secret.newKey();
        return database.query(
                        "keys.create",
                        Ids.random("key_", 24),
                        project,
                        name,
                        kind.label(),
                        Secret.sha256(secret),
                        Secret.prefix(secret))
                .map(rows -> new Created(key(rows.iterator().next()), secret));
    }

    /** All keys, revoked ones too, in the order in which they were made. */
    public Future<List<ApiKey>> list() {
        return database.query("keys.list").map(Keys::keys);
    }

    /** Revokes a key. The result is empty when there is no such key, or it is revoked already. */
    public Future<Optional<ApiKey>> revoke(String id) {
        return database.query("keys.revoke", id).map(rows -> keys(rows).stream().findFirst());
    }

    /** Tells whether any API key was ever made; from the first one on, the API needs one, revoked or not. */
    public Future<Boolean> required() {
        return database.query("keys.required")
                .map(rows -> rows.iterator().next().getBoolean("required"));
    }

    /**
     * Tells whether a key is needed, and which key has a secret with this hash. It takes one round trip, because every
     * answer waits for it.
     */
    Future<Admission> admit(Optional<String> sha256) {
        return database.query("keys.admit", sha256.orElse(null)).map(rows -> {
            Row row = rows.iterator().next();
            Optional<ApiKey> key = row.getString("id") == null ? Optional.empty() : Optional.of(key(row));
            return new Admission(row.getBoolean("required"), key);
        });
    }

    /** Finds those of these keys that were revoked, or are not there at all. */
    Future<List<String>> revoked(List<String> ids) {
        return database.query("keys.revoked", (Object) ids.toArray(new String[0]))
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getString("id"))
                        .toList());
    }

    private static List<ApiKey> keys(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).map(Keys::key).toList();
    }

    private static ApiKey key(Row row) {
        return new ApiKey(
                row.getString("id"),
                row.getString("project"),
                row.getString("name"),
                ApiKey.Kind.of(row.getString("kind")),
                row.getString("prefix"),
                row.getOffsetDateTime("created_at"),
                row.getOffsetDateTime("revoked_at"));
    }
}

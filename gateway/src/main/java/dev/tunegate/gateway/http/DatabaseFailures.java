package dev.tunegate.gateway.http;

import io.vertx.sqlclient.DatabaseException;
import java.util.Optional;
import java.util.Set;

/** What a client is told when Postgres could not do something, by the SQL state that says why. */
final class DatabaseFailures {
    /** SQL states for a U+0000 in a text: Postgres stores every character but this one. */
    private static final Set<String> NUL_CHARACTER = Set.of("22021", "22P05");

    /** The class of SQL states for a connection that is not there. */
    private static final String NO_CONNECTION = "08";

    private DatabaseFailures() {}

    /** The answer; empty for what is no failure of the database, or a fault of ours. */
    static Optional<ApiError> answer(Throwable failure) {
        if (!(failure instanceof DatabaseException database)) {
            return Optional.empty();
        }
        String state = String.valueOf(database.getSqlState());
        if (NUL_CHARACTER.contains(state)) {
            return Optional.of(
                    ApiError.badRequest("The request contains the character U+0000, which cannot be stored.", null));
        }
        if (state.startsWith(NO_CONNECTION)) {
            return Optional.of(databaseUnavailable());
        }
        return Optional.empty();
    }

    private static ApiError databaseUnavailable() {
        return ApiError.unavailable("The database does not answer. Try again in a moment.", "database_unavailable");
    }
}

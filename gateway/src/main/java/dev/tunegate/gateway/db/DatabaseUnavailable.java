package dev.tunegate.gateway.db;

import io.vertx.core.VertxException;
import io.vertx.sqlclient.DatabaseException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/**
 * Postgres, or the way to it, is gone, silent or too busy. Whoever asked may ask again; whether the last thing asked for
 * has been done is not known. Its SQL state is that of a lost connection.
 */
public final class DatabaseUnavailable extends DatabaseException {
    private static final String CONNECTION_LOST = "08006";

    /** States in which Postgres serves nobody, or not us, or not now, beside those of class 08 (no connection). */
    private static final Set<String> STATES = Set.of(
            "25006", // only reads are possible: this is the standby of a failover
            "25P03", // nothing was said in a transaction for too long
            "53300", // all connections are taken
            "57014", // the statement took too long
            "57P01", // it is shut down
            "57P02", // another of its processes has crashed
            "57P03", // it is starting
            "57P05"); // nothing was said for too long

    private DatabaseUnavailable(Throwable cause) {
        super("The database does not answer: " + cause, 0, CONNECTION_LOST);
    }

    /** This is news about something else, and nobody looks for its place in the code. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }

    /** The failure of a query in the words of this class, where that is what it says. */
    static Throwable translated(Throwable failure) {
        return says(failure) ? new DatabaseUnavailable(failure) : failure;
    }

    private static boolean says(Throwable failure) {
        if (failure instanceof DatabaseUnavailable) {
            return false;
        }
        if (failure instanceof DatabaseException answer) {
            String state = String.valueOf(answer.getSqlState());
            return state.startsWith("08") || STATES.contains(state);
        }
        // The driver's words for a connection that is closed, refused, or not to be had in time.
        return failure instanceof VertxException
                || failure instanceof IOException
                || failure instanceof TimeoutException;
    }
}

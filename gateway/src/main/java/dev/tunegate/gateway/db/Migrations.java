package dev.tunegate.gateway.db;

import io.vertx.pgclient.PgConnectOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** Brings a database up to date, once it has been seen to answer. Blocks. */
final class Migrations {
    private static final Duration PAUSE = Duration.ofMillis(200);

    private Migrations() {}

    /** @throws IOException for the person at the terminal: which database cannot be used, and why */
    static @Nullable Void run(PgConnectOptions options, Patience patience) throws IOException {
        PGSimpleDataSource database = new PGSimpleDataSource();
        String host = options.getHost();
        database.setServerNames(new String[] {host.contains(":") ? "[" + host + "]" : host});
        database.setPortNumbers(new int[] {options.getPort()});
        database.setDatabaseName(options.getDatabase());
        database.setUser(options.getUser());
        database.setPassword(options.getPassword());
        database.setSslMode(options.getSslMode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        database.setTcpKeepAlive(true);
        database.setLoginTimeout(Math.toIntExact(Math.max(1, patience.connect().toSeconds())));
        awaitAnswer(database, options, patience.start());
        Flyway.configure().dataSource(database).load().migrate();
        return null;
    }

    private static void awaitAnswer(PGSimpleDataSource database, PgConnectOptions options, Duration patience)
            throws IOException {
        long giveUp = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                database.getConnection().close();
                return;
            } catch (SQLException e) {
                boolean mayPass = Reason.of(e).mayPass && System.nanoTime() < giveUp;
                if (!mayPass) {
                    throw unusable(options, e);
                }
            }
            pause();
        }
    }

    private static IOException unusable(PgConnectOptions options, SQLException failure) {
        String name = options.getHost() + ":" + options.getPort() + "/" + options.getDatabase();
        return new IOException(
                "The database " + name + " cannot be used: "
                        + Reason.of(failure).words(options, failure)
                        + ". Check that Postgres runs there, and what --database-url or TUNEGATE_DATABASE_URL says.",
                failure);
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for the database", e);
        }
    }

    /** Why a database cannot be used, by the SQL state that says so. */
    private enum Reason {
        NO_CONNECTION(true),
        BUSY(true),
        STARTING(true),
        LOGIN(false),
        NO_DATABASE(false),
        OTHER(false);

        private final boolean mayPass;

        Reason(boolean mayPass) {
            this.mayPass = mayPass;
        }

        static Reason of(SQLException failure) {
            String state = String.valueOf(failure.getSQLState());
            if (state.startsWith("08")) {
                return isUnknownHost(failure) ? OTHER : NO_CONNECTION;
            }
            if (state.startsWith("28")) {
                return LOGIN;
            }
            return switch (state) {
                case "53300" -> BUSY;
                case "57P01", "57P02", "57P03" -> STARTING;
                case "3D000" -> NO_DATABASE;
                default -> OTHER;
            };
        }

        String words(PgConnectOptions options, SQLException failure) {
            return switch (this) {
                case NO_CONNECTION ->
                    failure.getCause() instanceof ConnectException
                            ? "nothing there takes connections"
                            : "it does not answer";
                case BUSY -> "all its connections are taken";
                case STARTING -> "it is starting up or shutting down";
                case LOGIN -> "it does not let the user '" + options.getUser() + "' in with this password";
                case NO_DATABASE -> "the server has no database of this name";
                case OTHER ->
                    isUnknownHost(failure)
                            ? "its host is unknown"
                            : "it refuses the connection (SQL state " + failure.getSQLState() + ")";
            };
        }

        private static boolean isUnknownHost(SQLException failure) {
            return failure.getCause() instanceof UnknownHostException;
        }
    }
}

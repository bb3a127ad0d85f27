package dev.tunegate.gateway.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where the gateway keeps what it knows. */
final class StorageOptions {
    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "${env:TUNEGATE_DATA_DIR:-data}",
            description = "Files, and the database where --database-url names no other"
                    + " [TUNEGATE_DATA_DIR] (default: ${DEFAULT-VALUE}).")
    private Path dataDir = Path.of("data");

    // The value holds a password and is never shown, so the help names the variable instead of the default.
    @Option(
            names = "--database-url",
            paramLabel = "URL",
            defaultValue = "${env:TUNEGATE_DATABASE_URL:-}",
            description = "A Postgres server, postgres://user:password@host:5432/database; better given as"
                    + " TUNEGATE_DATABASE_URL, where other users cannot see it. Without it the gateway runs one of its"
                    + " own.")
    private String databaseUrl = "";

    static StorageOptions in(Path dataDir) {
        StorageOptions options = new StorageOptions();
        options.dataDir = dataDir;
        return options;
    }

    Path dataDir() {
        return dataDir;
    }

    @Nullable
    String databaseUrl() {
        return databaseUrl.isEmpty() ? null : databaseUrl;
    }
}

package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import java.io.PrintWriter;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys}: who may use the API, and which machines may train. Works beside a gateway that is running. */
@Command(name = "keys", description = "Create, list and revoke keys.", mixinStandardHelpOptions = true)
final class KeysCommand {
    private static final String ROW = "%-28s  %-6s  %-16s  %-12s  %-20s  %-8s  %s%n";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "create",
            description = "Create a key and print it, this once. From the first API key on, the API needs one.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin StorageOptions storage,
            @Option(
                            names = "--project",
                            paramLabel = "NAME",
                            defaultValue = "${env:TUNEGATE_PROJECT:-" + Caller.DEFAULT_PROJECT + "}",
                            description = "Whose files, jobs and models the key opens [TUNEGATE_PROJECT]"
                                    + " (default: ${DEFAULT-VALUE}).")
                    String project,
            @Option(
                            names = "--name",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "What the key is for, to tell it from others.")
                    String name,
            @Option(
                            names = "--kind",
                            paramLabel = "KIND",
                            defaultValue = "api",
                            description = "api for clients, worker for trainers on other machines"
                                    + " (default: ${DEFAULT-VALUE}).")
                    ApiKey.Kind kind)
            throws Exception {
        if (!project.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new ParameterException(
                    spec.commandLine(), "--project takes 1 to 64 letters, digits, dots, dashes and underscores");
        }
        if (name.length() > 100) {
            throw new ParameterException(spec.commandLine(), "--name takes at most 100 characters");
        }
        Keys.Created created =
                StoredData.use(storage, database -> new Keys(database).create(project, name.strip(), kind));
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                "%s key %s of project %s. It is not shown again:%n",
                kind == ApiKey.Kind.API ? "API" : "Worker", created.key().id(), project);
        err.flush();
        out().println(created.secret());
        return 0;
    }

    @Command(name = "list", description = "List all keys, revoked ones too.", mixinStandardHelpOptions = true)
    int list(@Mixin StorageOptions storage) throws Exception {
        List<ApiKey> keys = StoredData.use(storage, database -> new Keys(database).list());
        out().printf(ROW, "ID", "KIND", "PROJECT", "KEY", "CREATED", "STATE", "NAME");
        for (ApiKey key : keys) {
            out().printf(
                            ROW,
                            key.id(),
                            key.kind().label(),
                            key.project(),
                            key.prefix() + "…",
                            DateTimeFormatter.ISO_INSTANT.format(
                                    key.createdAt().toInstant().truncatedTo(ChronoUnit.SECONDS)),
                            key.revokedAt() == null ? "active" : "revoked",
                            key.name());
        }
        return 0;
    }

    @Command(
            name = "revoke",
            description = "Revoke a key; requests with it are refused at once.",
            mixinStandardHelpOptions = true)
    int revoke(
            @Mixin StorageOptions storage, @Parameters(paramLabel = "ID", description = "As list shows it.") String id)
            throws Exception {
        Optional<ApiKey> revoked = StoredData.use(storage, database -> new Keys(database).revoke(id));
        if (revoked.isEmpty()) {
            spec.commandLine().getErr().println("error: no active key has the id " + id + "; `keys list` shows them");
            return 1;
        }
        out().println("Revoked " + id);
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}

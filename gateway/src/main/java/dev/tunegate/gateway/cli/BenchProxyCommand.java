package dev.tunegate.gateway.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.bench.ProxyBench;
import dev.tunegate.gateway.bench.ProxyBenchResult;
import dev.tunegate.gateway.db.DirectoryTree;
import dev.tunegate.gateway.http.Caller;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench proxy}: what a request loses by going through the gateway. */
@Command(
        name = "proxy",
        description = "Time chat requests to a host directly and through a gateway, in alternation.",
        mixinStandardHelpOptions = true)
final class BenchProxyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "500",
            description = "Requests per second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "Seconds of a round, on each side (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Rounds, for whole answers and again for streams (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--store", description = "Have the gateway keep each answer before it says that it is complete.")
    private boolean store;

    @Option(names = "--json", description = "Print the result as one JSON line, and no progress.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        requirePositive("--rate", rate);
        requirePositive("--seconds", seconds);
        requirePositive("--rounds", rounds);
        Path directory = Files.createTempDirectory("tunegate-bench-");
        try {
            ProxyBenchResult result = new ProxyBench(rate, seconds, rounds, store, this::tell)
                    .run(directory.resolve("data"), BenchProxyCommand::newKey);
            spec.commandLine().getOut().println(json ? new ObjectMapper().writeValueAsString(result) : result.text());
        } finally {
            DirectoryTree.delete(directory);
        }
        return 0;
    }

    private void tell(String what) {
        if (!json) {
            spec.commandLine().getErr().println(what);
        }
    }

    static String newKey(Path dataDir) throws IOException {
        return StoredData.use(
                        StorageOptions.in(dataDir),
                        database -> new Keys(database).create(Caller.DEFAULT_PROJECT, "bench", ApiKey.Kind.API))
                .secret();
    }

    private void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), option + ": " + value + ", must be at least 1");
        }
    }
}

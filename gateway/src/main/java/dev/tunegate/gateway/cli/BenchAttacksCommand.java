package dev.tunegate.gateway.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.bench.AttackBench;
import dev.tunegate.gateway.bench.AttackBenchResult;
import dev.tunegate.gateway.db.DirectoryTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench attacks}: whether a gateway stays well while one key is used against it. */
@Command(
        name = "attacks",
        description =
                "Attack a gateway of its own with requests that take too much memory, and ask it meanwhile whether"
                        + " it is well.",
        mixinStandardHelpOptions = true)
final class BenchAttacksCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "300",
            description = "How long (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--json", description = "Print the result as one JSON line, and no progress.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--seconds: " + seconds + ", must be at least 1");
        }
        Path directory = Files.createTempDirectory("tunegate-bench-");
        try {
            AttackBenchResult result =
                    new AttackBench(seconds, this::tell).run(directory.resolve("data"), BenchProxyCommand::newKey);
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
}

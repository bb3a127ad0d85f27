package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.starter.StarterModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Writes what the starter model is trained from; the recipe stands beside the model. */
@Command(
        name = "starter-data",
        hidden = true,
        description = "Write the untrained starter model and its training text, for train --full.")
public final class StarterDataCommand implements Callable<Integer> {
    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Directory to write to.")
    private Path out = Path.of("");

    @Option(
            names = "--examples",
            paramLabel = "N",
            defaultValue = "60000",
            description = "Lines of the training file (default: ${DEFAULT-VALUE}).")
    private int examples;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Decides the text and the first weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws IOException {
        StarterModel.prepare(out, examples, seed);
        return 0;
    }
}

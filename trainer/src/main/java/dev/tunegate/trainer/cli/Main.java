package dev.tunegate.trainer.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code tunegate-trainer}. */
@Command(
        name = "tunegate-trainer",
        description = "Everything of Tunegate that touches a tensor.",
        mixinStandardHelpOptions = true,
        subcommands = {
            WorkerCommand.class,
            TrainCommand.class,
            ModelsCommand.class,
            BenchCommand.class,
            DevicesCommand.class,
            StarterDataCommand.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        // The file is named, because the gateway's class path has a configuration of its own.
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-trainer.xml");
        }
        System.exit(run(args));
    }

    /** Runs a command; 0 is success, 1 a failure, 2 a wrong command line. */
    public static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Errors::wrongUsage)
                .setExecutionExceptionHandler(Errors::failed);
    }
}

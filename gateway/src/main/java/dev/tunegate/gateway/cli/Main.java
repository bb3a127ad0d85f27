package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.http.Contract;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code tunegate}, as far as it needs no tensors; the launcher sends the rest to the trainer. */
@Command(
        name = "tunegate",
        description = "An OpenAI-compatible fine-tuning gateway.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {ServeCommand.class, DemoCommand.class, KeysCommand.class, ConfigCommand.class, BenchCommand.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
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

    /** What --version prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"tunegate " + Contract.load().version()};
        }
    }
}

package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.StartupFailure;
import dev.tunegate.gateway.config.InvalidConfiguration;
import java.io.IOException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Says in one line what went wrong. */
final class Errors {
    private Errors() {}

    static int wrongUsage(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        command.getErr().println("error: " + e.getMessage());
        command.getErr().printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
        return CommandLine.ExitCode.USAGE;
    }

    static int failed(Exception e, CommandLine command, ParseResult parsed) {
        if (e instanceof InvalidConfiguration) { // its lines each name their place, as compilers write them
            command.getErr().println(e.getMessage());
        } else if (e instanceof StartupFailure || e instanceof IOException) {
            command.getErr().println("error: " + e.getMessage());
        } else {
            LoggerFactory.getLogger(Errors.class).debug("unexpected", e);
            command.getErr().println("error: " + e + " (TUNEGATE_LOG_LEVEL=DEBUG shows where)");
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}

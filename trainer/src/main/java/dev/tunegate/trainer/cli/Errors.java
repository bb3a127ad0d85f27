package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.dataset.InvalidDataset;
import dev.tunegate.trainer.torch.DeviceRequest;
import dev.tunegate.trainer.torch.EngineErrors;
import dev.tunegate.trainer.training.InvalidHyperparameter;
import dev.tunegate.trainer.training.OutOfMemory;
import dev.tunegate.trainer.training.TrainingFailure;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
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
        command.getErr().println("error: " + message(e));
        return e instanceof InvalidHyperparameter ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String message(Exception e) {
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + " does not exist";
        }
        if (e instanceof FileAlreadyExistsException there) {
            return there.getFile() + " exists already";
        }
        if (e instanceof FileSystemException file) {
            return "%s: %s".formatted(file.getFile(), file.getReason());
        }
        if (e instanceof IOException
                || e instanceof InvalidDataset
                || e instanceof InvalidHyperparameter
                || e instanceof InvalidCheckpoint
                || e instanceof DeviceRequest.Missing
                || e instanceof TrainingFailure) {
            return String.valueOf(e.getMessage());
        }
        if (e instanceof OutOfMemory || EngineErrors.isOutOfMemory(e)) {
            return "%s. Use shorter or fewer examples at a time, a smaller rank or model, or end other programs."
                    .formatted(e instanceof OutOfMemory ? e.getMessage() : "out of memory");
        }
        LoggerFactory.getLogger(Errors.class).debug("unexpected", e);
        return "unexpected %s (TUNEGATE_LOG_LEVEL=DEBUG shows where)".formatted(e);
    }
}

package dev.tunegate.trainer.cli;

import picocli.CommandLine.Command;

/** {@code bench}: measurements on this machine. */
@Command(
        name = "bench",
        description = "Measure on this machine.",
        subcommands = BenchTrainCommand.class,
        mixinStandardHelpOptions = true)
final class BenchCommand {}

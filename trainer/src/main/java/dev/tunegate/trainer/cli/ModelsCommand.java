package dev.tunegate.trainer.cli;

import picocli.CommandLine.Command;

/** {@code models}: the base models on this machine. */
@Command(
        name = "models",
        description = "The base models on this machine.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(import | list)",
        subcommands = {ModelsImportCommand.class, ModelsListCommand.class})
final class ModelsCommand {}

package dev.tunegate.gateway.cli;

import picocli.CommandLine.Command;

/** {@code bench}: measurements of the gateway on this machine; {@code bench train} is the trainer's. */
@Command(
        name = "bench",
        description = "Measure on this machine.",
        subcommands = {BenchProxyCommand.class, BenchAttacksCommand.class},
        mixinStandardHelpOptions = true)
final class BenchCommand {}

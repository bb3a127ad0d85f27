package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.config.Configuration;
import dev.tunegate.gateway.config.ConfigurationFile;
import dev.tunegate.gateway.config.InvalidConfiguration;
import dev.tunegate.gateway.config.ReadableKeys;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code config}: what a gateway would be started with. */
@Command(name = "config", description = "Check the configuration and show it.", mixinStandardHelpOptions = true)
final class ConfigCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "check",
            description = "Print what is configured, or each line that is wrong.",
            mixinStandardHelpOptions = true)
    int check(
            @Mixin ConfigOptions config,
            @Option(
                            names = "--data-dir",
                            paramLabel = "DIR",
                            defaultValue = "${env:TUNEGATE_DATA_DIR:-data}",
                            description = "Where " + ConfigurationFile.NAME
                                    + " is looked for first [TUNEGATE_DATA_DIR] (default: ${DEFAULT-VALUE}).")
                    Path dataDir)
            throws InvalidConfiguration {
        Configuration configuration = config.read(dataDir);
        ConfigurationText.of(configuration, dataDir).forEach(spec.commandLine().getOut()::println);
        if (configuration.file() != null) {
            ReadableKeys.warning(configuration.file())
                    .ifPresent(warning -> spec.commandLine().getErr().println("warning: " + warning));
        }
        return 0;
    }
}

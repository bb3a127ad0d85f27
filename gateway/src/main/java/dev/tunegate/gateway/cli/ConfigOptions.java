package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.config.Configuration;
import dev.tunegate.gateway.config.ConfigurationFile;
import dev.tunegate.gateway.config.ConfigurationReader;
import dev.tunegate.gateway.config.InvalidConfiguration;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that says which configuration a command reads. */
final class ConfigOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:TUNEGATE_CONFIG:-}",
            description = "Upstreams, aliases, limits [TUNEGATE_CONFIG] (default: " + ConfigurationFile.NAME
                    + " in the data directory, or else in the working directory, if there is one).")
    private String file = "";

    Configuration read(Path dataDir) throws InvalidConfiguration {
        Path path = file.isBlank() ? ConfigurationFile.find(ConfigurationFile.candidates(dataDir)) : Path.of(file);
        return ConfigurationReader.read(path, System.getenv());
    }
}

package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.config.Configuration;
import dev.tunegate.gateway.config.InvalidConfiguration;
import dev.tunegate.gateway.config.Limits;
import dev.tunegate.gateway.config.ReadableKeys;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of every command that starts a gateway. */
final class ServeOptions {
    private static final Logger log = LoggerFactory.getLogger(ServeOptions.class);
    static final int DEFAULT_MAX_UPLOAD_MEGABYTES = 512;

    @Spec(Target.MIXEE)
    private CommandSpec command = CommandSpec.create();

    @Mixin
    private StorageOptions storage = new StorageOptions();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "${env:TUNEGATE_HOST:-127.0.0.1}",
            description = "The address to listen on; any other than the loopback needs API keys"
                    + " [TUNEGATE_HOST] (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:TUNEGATE_PORT:-8080}",
            description = "The port; 0 takes one that is free and prints it"
                    + " [TUNEGATE_PORT] (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--models-dir",
            paramLabel = "DIRS",
            defaultValue = "${env:TUNEGATE_MODELS_DIR:-}",
            description =
                    "Directories with base models beside DATA_DIR/models, separated by the system's path separator"
                            + " [TUNEGATE_MODELS_DIR] (default: those that come with Tunegate).")
    private String modelsDirs = "";

    @Option(
            names = "--trainers",
            paramLabel = "N",
            defaultValue = "${env:TUNEGATE_TRAINERS:-" + Option.NULL_VALUE + "}",
            description =
                    "How many trainers to run on this machine, each on a GPU of its own or on the CPU; 0 leaves the"
                            + " work to workers elsewhere [TUNEGATE_TRAINERS] (default: one, or one per GPU).")
    private @Nullable Integer trainers;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:TUNEGATE_DEVICE:-auto}",
            description = "What trainers compute on: cpu, cuda:N, or auto, a GPU each where there are any"
                    + " [TUNEGATE_DEVICE] (default: ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Option(
            names = "--max-upload-mb",
            paramLabel = "MB",
            defaultValue = "${env:TUNEGATE_MAX_UPLOAD_MB:-" + Option.NULL_VALUE + "}",
            description = "The largest file that can be uploaded [TUNEGATE_MAX_UPLOAD_MB] (default: the configuration's"
                    + " limits.max_upload_mb, or else " + DEFAULT_MAX_UPLOAD_MEGABYTES + ").")
    private @Nullable Integer maxUploadMegabytes;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    /** Reads the configuration, too. */
    GatewayOptions read() throws InvalidConfiguration {
        requireRange("--port", port, 0, 65_535);
        if (trainers != null) {
            requireRange("--trainers", trainers, 0, 64);
        }
        if (!device.matches("auto|cpu|cuda:[0-9]{1,2}")) {
            throw new ParameterException(
                    command.commandLine(), "--device must be auto, cpu or cuda:N, not '" + device + "'");
        }
        if (maxUploadMegabytes != null) {
            requireRange("--max-upload-mb", maxUploadMegabytes, 1, Limits.MAX_UPLOAD_MEGABYTES);
        }
        Configuration configuration = config.read(storage.dataDir());
        if (configuration.file() != null) { // a file that lay in the working directory may be a surprise
            log.info("Configured by {}", configuration.file().toAbsolutePath().normalize());
            ReadableKeys.warning(configuration.file()).ifPresent(log::warn);
        }
        return new GatewayOptions(
                host,
                port,
                storage.dataDir(),
                storage.databaseUrl(),
                Stream.concat(modelsDirs().stream(), configuration.modelsDirs().stream())
                        .toList(),
                trainers,
                device,
                maxUploadMegabytes(configuration.limits()) * Limits.MEGABYTE,
                configuration.limits().minFreeMegabytes() * Limits.MEGABYTE,
                configuration.routes(),
                configuration.serving(),
                GatewayOptions.LOOK_EVERY,
                configuration.limits().project());
    }

    private int maxUploadMegabytes(Limits limits) {
        return maxUploadMegabytes != null
                ? maxUploadMegabytes
                : Objects.requireNonNullElse(limits.maxUploadMegabytes(), DEFAULT_MAX_UPLOAD_MEGABYTES);
    }

    private List<Path> modelsDirs() {
        if (modelsDirs.isEmpty()) {
            return modelsThatComeWithTunegate();
        }
        return Arrays.stream(modelsDirs.split(File.pathSeparator, -1))
                .filter(dir -> !dir.isBlank())
                .map(Path::of)
                .toList();
    }

    static List<Path> modelsThatComeWithTunegate() {
        String home = System.getProperty("tunegate.home", "");
        return home.isEmpty() ? List.of() : List.of(Path.of(home, "trainer", "models"));
    }

    private void requireRange(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new ParameterException(
                    command.commandLine(), option + " must be from " + min + " to " + max + ", not " + value);
        }
    }
}

package dev.tunegate.gateway;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** The command line of a trainer that runs beside its gateway, with the same Java and from the same class path. */
final class TrainerCommand {
    /** Weights and activations are libtorch's own memory; the heap holds tokens and text. */
    private static final String MAX_HEAP = "1g";

    private TrainerCommand() {}

    static List<String> of(URI gateway, GatewayOptions options) {
        String modelsDirs = options.modelsDirs().stream().map(Path::toString).collect(joining(File.pathSeparator));
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + MAX_HEAP,
                "-DDJL_OFFLINE=true",
                "-Dtunegate.home=" + System.getProperty("tunegate.home", ""),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tunegate.trainer.cli.Main",
                "worker",
                "--exit-with-parent",
                "--gateway",
                gateway.toString(),
                "--data-dir",
                options.dataDir().toString(),
                "--models-dir",
                modelsDirs);
    }
}

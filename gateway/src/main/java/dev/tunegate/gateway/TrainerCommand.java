package dev.tunegate.gateway;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command lines of a trainer that runs beside its gateway, with the same Java and from the same class path. */
final class TrainerCommand {
    /** Weights and activations are libtorch's own memory; the heap holds tokens and text. */
    private static final String MAX_HEAP = "1g";

    private TrainerCommand() {}

    /**
     * The command line of a worker.
     *
     * @param device what it works on; {@code auto} is left to it and its environment
     * @param threads how many it computes with; 0 for as many as it likes
     */
    static List<String> worker(URI gateway, GatewayOptions options, String device, int threads) {
        String modelsDirs = options.modelsDirs().stream().map(Path::toString).collect(joining(File.pathSeparator));
        List<String> command = trainer("worker");
        command.addAll(List.of(
                "--exit-with-parent",
                "--gateway",
                gateway.toString(),
                "--data-dir",
                options.dataDir().toString(),
                "--models-dir",
                modelsDirs));
        if (!device.equals("auto")) {
            command.addAll(List.of("--device", device));
        }
        if (threads > 0) {
            command.addAll(List.of("--threads", Integer.toString(threads)));
        }
        return command;
    }

    /** The command line that lists the devices to compute on. */
    static List<String> devices() {
        return trainer("devices");
    }

    private static List<String> trainer(String subcommand) {
        return new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx" + MAX_HEAP,
                "-Xmn24m", // the launcher does the same and says why
                "-DDJL_OFFLINE=true",
                "-Dtunegate.home=" + System.getProperty("tunegate.home", ""),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.tunegate.trainer.cli.Main",
                subcommand));
    }
}

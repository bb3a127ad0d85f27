package dev.tunegate.trainer.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Where models are. */
final class DirectoryOptions {
    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            defaultValue = "${env:TUNEGATE_DATA_DIR:-data}",
            description =
                    "Tunegate's data; imported models are in its sub-directory models [TUNEGATE_DATA_DIR] (default: ${DEFAULT-VALUE}).")
    private Path dataDir = Path.of("data");

    @Option(
            names = "--models-dir",
            paramLabel = "DIRS",
            defaultValue = "${env:TUNEGATE_MODELS_DIR:-}",
            description =
                    "Further directories with models, separated by the system's path separator; each sub-directory with a"
                            + " config.json is a model, named like it [TUNEGATE_MODELS_DIR].")
    private String modelsDirs = "";

    /** Where imported models go. */
    Path imported() {
        return dataDir.resolve("models");
    }

    /** Everywhere models are looked for. */
    List<Path> all() {
        List<Path> all = new ArrayList<>();
        for (String dir : modelsDirs.split(File.pathSeparator, -1)) {
            if (!dir.isBlank()) {
                all.add(Path.of(dir));
            }
        }
        all.add(imported());
        return all;
    }
}

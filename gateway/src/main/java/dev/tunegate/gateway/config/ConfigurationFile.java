package dev.tunegate.gateway.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the configuration when nobody says where it is. */
public final class ConfigurationFile {
    public static final String NAME = "tunegate.yaml";

    private ConfigurationFile() {}

    /** The file in the data directory, which belongs to this gateway alone, comes before the one in the working directory. */
    public static List<Path> candidates(Path dataDir) {
        return List.of(dataDir.resolve(NAME), Path.of(NAME));
    }

    /** The first of the candidates that is there, or null. */
    public static @Nullable Path find(List<Path> candidates) {
        return candidates.stream()
                .flatMap(candidate -> Files.exists(candidate) ? Stream.of(candidate) : Stream.empty())
                .findFirst()
                .orElse(null);
    }
}

package dev.tunegate.gateway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway was told beyond its command line.
 *
 * @param file where it was read from, null without a file
 * @param upstreams in the file's order: the first that fits a model has it
 * @param aliases from a name to what it stands for, never in a loop
 * @param serving the base models that other engines answer with; workers have the rest
 * @param modelsDirs more directories of base models
 */
public record Configuration(
        @Nullable Path file,
        List<Upstream> upstreams,
        Map<String, String> aliases,
        List<EngineConfig> serving,
        List<Path> modelsDirs,
        Limits limits) {
    /** The configuration without a file: everything is local. */
    public static final Configuration NONE =
            new Configuration(null, List.of(), Map.of(), List.of(), List.of(), Limits.NONE);

    public ModelRoutes routes() {
        return new ModelRoutes(aliases, upstreams);
    }
}

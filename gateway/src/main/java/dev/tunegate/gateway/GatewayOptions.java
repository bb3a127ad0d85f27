package dev.tunegate.gateway;

import dev.tunegate.gateway.config.Configuration;
import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.config.Limits;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.config.ProjectLimits;
import dev.tunegate.gateway.files.FileStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway needs to know before it starts.
 *
 * @param port 0 for any that is free
 * @param databaseUrl null for a Postgres of its own below the data directory
 * @param modelsDirs directories of base models, beside the one in the data directory
 * @param trainers how many of them; null for one, or one per GPU where there are several
 * @param device what they compute on: auto, cpu or cuda:N
 * @param maxUploadBytes the largest file that is taken
 * @param minFreeBytes what is left free on the disk; 0 for nothing
 * @param routes where models' names lead
 * @param serving the base models that other engines than workers answer with
 * @param lookEvery how often it is looked whether something is to be done at an engine or an upstream
 * @param projectLimits what each project may have and do
 */
public record GatewayOptions(
        String host,
        int port,
        Path dataDir,
        @Nullable String databaseUrl,
        List<Path> modelsDirs,
        @Nullable Integer trainers,
        String device,
        long maxUploadBytes,
        long minFreeBytes,
        ModelRoutes routes,
        List<EngineConfig> serving,
        Duration lookEvery,
        ProjectLimits projectLimits) {

    public static final Duration LOOK_EVERY = Duration.ofMillis(500);

    /** The directories in which base models are looked for: the given ones, and the one that models are imported to. */
    List<Path> allModelsDirs() {
        List<Path> all = new ArrayList<>(modelsDirs);
        all.add(dataDir.resolve("models"));
        return all;
    }

    /** The directories that engines see, too. */
    Set<Path> sharedDirs() {
        return serving.stream()
                .flatMap(engine -> Stream.ofNullable(engine.directory()))
                .map(EngineConfig.SharedDirectory::here)
                .collect(Collectors.toSet());
    }

    /** The options of a gateway on the loopback interface, on any free port, without a trainer. */
    public static GatewayOptions in(Path dataDir) {
        return new GatewayOptions(
                "127.0.0.1",
                0,
                dataDir,
                null,
                List.of(),
                0,
                "auto",
                FileStore.MAX_FILE_BYTES,
                Limits.DEFAULT_MIN_FREE_MEGABYTES * Limits.MEGABYTE,
                Configuration.NONE.routes(),
                Configuration.NONE.serving(),
                LOOK_EVERY,
                ProjectLimits.DEFAULT);
    }

    public GatewayOptions withDatabase(String url) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                url,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                minFreeBytes,
                routes,
                serving,
                lookEvery,
                projectLimits);
    }

    public GatewayOptions withListener(String newHost, int newPort) {
        return new GatewayOptions(
                newHost,
                newPort,
                dataDir,
                databaseUrl,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                minFreeBytes,
                routes,
                serving,
                lookEvery,
                projectLimits);
    }

    public GatewayOptions withTrainers(int count, List<Path> dirs) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                databaseUrl,
                dirs,
                count,
                device,
                maxUploadBytes,
                minFreeBytes,
                routes,
                serving,
                lookEvery,
                projectLimits);
    }

    public GatewayOptions withRoutes(ModelRoutes newRoutes) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                databaseUrl,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                minFreeBytes,
                newRoutes,
                serving,
                lookEvery,
                projectLimits);
    }

    public GatewayOptions withServing(List<EngineConfig> newServing) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                databaseUrl,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                minFreeBytes,
                routes,
                newServing,
                lookEvery,
                projectLimits);
    }

    public GatewayOptions withMinFreeBytes(long bytes) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                databaseUrl,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                bytes,
                routes,
                serving,
                lookEvery,
                projectLimits);
    }

    public GatewayOptions withLookEvery(Duration newLookEvery) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                databaseUrl,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                minFreeBytes,
                routes,
                serving,
                newLookEvery,
                projectLimits);
    }

    public GatewayOptions withProjectLimits(ProjectLimits newLimits) {
        return new GatewayOptions(
                host,
                port,
                dataDir,
                databaseUrl,
                modelsDirs,
                trainers,
                device,
                maxUploadBytes,
                minFreeBytes,
                routes,
                serving,
                lookEvery,
                newLimits);
    }
}

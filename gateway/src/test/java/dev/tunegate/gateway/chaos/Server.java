package dev.tunegate.gateway.chaos;

import dev.tunegate.gateway.Eventually;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Postgres server that can be stopped, killed and started again. */
final class Server implements Closeable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path binaries;
    private final Path cluster;
    private @Nullable EmbeddedPostgres postgres;

    /** @param binaries where Postgres itself is unpacked, once for all servers */
    Server(Path binaries, Path cluster) throws IOException {
        this.binaries = binaries;
        this.cluster = cluster;
        start();
    }

    /** Starts it where it stands still, on another port than before. */
    synchronized void start() throws IOException {
        if (postgres == null) {
            postgres = EmbeddedPostgres.builder()
                    .setOverrideWorkingDirectory(binaries.toFile())
                    .setDataDirectory(cluster)
                    .setCleanDataDirectory(false)
                    .setRegisterShutdownHook(true)
                    .setPGStartupWait(PATIENCE)
                    .setLocaleConfig("locale", "C")
                    // What a process has written survives its death without that; only power loss would need it.
                    .setServerConfig("fsync", "off")
                    // The library turns it off, and then a commit is told before it is written.
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("max_connections", "100")
                    .setServerConfig("unix_socket_directories", "")
                    .start();
        }
    }

    /** The port, 0 while it stands still. */
    synchronized int port() {
        return postgres == null ? 0 : postgres.getPort();
    }

    /** Stops it in good order, whoever is connected. */
    synchronized void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
            postgres = null;
        }
    }

    /** Ends it, and its connections with it, without a word. */
    synchronized void crash() throws IOException {
        ProcessHandle postmaster = postmaster();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        Eventually.until(
                PATIENCE,
                "no process of Postgres is left",
                () -> all,
                processes -> processes.stream().noneMatch(Server::isRunning));
        stop();
    }

    /** One that has ended may stay in the process table, without its command, where nobody collects orphans. */
    private static boolean isRunning(ProcessHandle process) {
        return process.isAlive() && process.info().command().isPresent();
    }

    private ProcessHandle postmaster() throws IOException {
        long pid = Long.parseLong(
                Files.readAllLines(cluster.resolve("postmaster.pid")).get(0));
        return ProcessHandle.of(pid).orElseThrow();
    }

    @Override
    public void close() throws IOException {
        stop();
    }
}

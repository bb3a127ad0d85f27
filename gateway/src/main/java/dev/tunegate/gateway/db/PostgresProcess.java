package dev.tunegate.gateway.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clears away what a gateway that was killed left behind: its Postgres, or the pid file of one. */
final class PostgresProcess {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
    private static final int STOP_SECONDS = 20;

    private PostgresProcess() {}

    /**
     * Stops the Postgres that still runs on this data directory and removes its pid file. The caller holds the lock on
     * the directory, so whatever runs there has lost its gateway.
     */
    static void clear(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        Optional<ProcessHandle> orphan = pid(pidFile).flatMap(ProcessHandle::of).filter(p -> runsOn(p, cluster));
        if (orphan.isPresent()) {
            LOG.info(
                    "Stopping the Postgres (pid {}) that an earlier gateway left running",
                    orphan.get().pid());
            stop(orphan.get());
        }
        // A pid that now belongs to some other process would make Postgres refuse to start.
        Files.deleteIfExists(pidFile);
    }

    /** The port of the server on this data directory: the fourth line of its pid file. */
    static Optional<Integer> port(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of();
        return lines.size() > 3 && lines.get(3).matches("\\d{1,5}")
                ? Optional.of(Integer.valueOf(lines.get(3)))
                : Optional.empty();
    }

    private static Optional<Long> pid(Path pidFile) throws IOException {
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.isEmpty() || !lines.get(0).matches("\\d{1,10}")) {
            return Optional.empty();
        }
        return Optional.of(Long.valueOf(lines.get(0)));
    }

    private static boolean runsOn(ProcessHandle process, Path cluster) {
        ProcessHandle.Info info = process.info();
        boolean isPostgres = info.command()
                .map(command -> Path.of(command).getFileName())
                .map(name -> name.toString().startsWith("postgres"))
                .orElse(false);
        return isPostgres
                && info.arguments()
                        .map(arguments -> List.of(arguments).contains(cluster.toString()))
                        .orElse(false);
    }

    /** SIGINT is Postgres's fast shutdown, SIGQUIT its immediate one, which only costs a recovery. */
    private static void stop(ProcessHandle postgres) throws IOException {
        for (String signal : List.of("-INT", "-QUIT")) {
            new ProcessBuilder("kill", signal, Long.toString(postgres.pid())).start();
            try {
                postgres.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException e) {
                LOG.warn("Postgres (pid {}) did not stop on kill {}", postgres.pid(), signal);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while stopping Postgres", e);
            } catch (ExecutionException e) {
                throw new IOException(e);
            }
        }
        throw new IOException("Postgres (pid " + postgres.pid()
                + ") left by an earlier gateway does not stop; end it by" + " hand and start again");
    }
}

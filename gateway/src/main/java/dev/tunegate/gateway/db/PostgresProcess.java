package dev.tunegate.gateway.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds and stops the Postgres of a data directory: the gateway's own, or one that a killed gateway left behind. */
final class PostgresProcess {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresProcess.class);
    private static final int STOP_SECONDS = 30;
    private static final int LOOK_EVERY_MILLIS = 10;

    private PostgresProcess() {}

    /**
     * Stops the Postgres that still runs on this data directory. The caller holds the lock on the directory, so whatever
     * runs there has lost its gateway.
     */
    static void clear(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        if (!Files.exists(pidFile)) {
            return;
        }
        Optional<ProcessHandle> orphan = running(cluster);
        if (orphan.isPresent()) {
            LOG.info(
                    "Stopping the Postgres (pid {}) that an earlier gateway left running",
                    orphan.get().pid());
            stop(cluster, Shutdown.FAST);
        }
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        while (!removeStalePidFile(cluster)) {
            if (System.nanoTime() > giveUp) {
                throw new IOException("The Postgres on " + cluster + " is dead, but processes of it are still at work;"
                        + " end them by hand and start again");
            }
            pause();
        }
    }

    /**
     * Removes the pid file of a dead server where its pid makes Postgres refuse to start: it is now some other process's, or
     * its own as long as nobody collects the dead.
     *
     * @return false while processes of the dead server are still at work on the data, which Postgres finds out by that file
     */
    static boolean removeStalePidFile(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        if (!Files.exists(pidFile) || pid(pidFile).flatMap(ProcessHandle::of).isEmpty()) {
            return true;
        }
        if (isMemoryInUse(pidFile)) {
            return false;
        }
        Files.deleteIfExists(pidFile);
        return true;
    }

    /** Whether a process uses the shared memory that the pid file names in its seventh line, by key and id. */
    private static boolean isMemoryInUse(Path pidFile) throws IOException {
        Path segments = Path.of("/proc/sysvipc/shm");
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.size() < 7 || !Files.exists(segments)) {
            return false;
        }
        List<String> memory = columns(lines.get(6));
        String id = memory.get(memory.size() - 1);
        for (String line : Files.readAllLines(segments)) {
            List<String> segment = columns(line); // key, id, permissions, size, two pids, how many use it
            if (segment.size() > 6 && segment.get(1).equals(id)) {
                return !segment.get(6).equals("0");
            }
        }
        return false;
    }

    private static List<String> columns(String line) {
        return List.of(line.strip().split(" +", -1));
    }

    static boolean isRunning(Path cluster) throws IOException {
        return running(cluster).isPresent();
    }

    /** The port of the server on this data directory: the fourth line of its pid file. */
    static Optional<Integer> port(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        List<String> lines = Files.exists(pidFile) ? Files.readAllLines(pidFile) : List.of();
        return lines.size() > 3 && lines.get(3).matches("\\d{1,5}")
                ? Optional.of(Integer.valueOf(lines.get(3)))
                : Optional.empty();
    }

    private static Optional<ProcessHandle> running(Path cluster) throws IOException {
        Path pidFile = cluster.resolve("postmaster.pid");
        return Files.exists(pidFile)
                ? pid(pidFile).flatMap(ProcessHandle::of).filter(process -> runsOn(process, cluster))
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

    /** How a Postgres ends: with all its data on the disk, or at once, which costs a recovery at the next start. */
    enum Shutdown {
        FAST("-INT"),
        IMMEDIATE("-QUIT");

        private final String signal;

        Shutdown(String signal) {
            this.signal = signal;
        }
    }

    /** Stops the Postgres that runs on this data directory, whoever is connected to it. */
    static void stop(Path cluster, Shutdown shutdown) throws IOException {
        Optional<ProcessHandle> running = running(cluster);
        if (running.isEmpty() || ends(running.get(), cluster, shutdown)) {
            return;
        }
        LOG.warn("Postgres (pid {}) is still not done after {} s", running.get().pid(), STOP_SECONDS);
        if (!ends(running.get(), cluster, Shutdown.IMMEDIATE)) {
            throw new IOException("Postgres (pid " + running.get().pid() + ") on " + cluster
                    + " does not stop; end it by hand and start again");
        }
    }

    private static boolean ends(ProcessHandle postgres, Path cluster, Shutdown shutdown) throws IOException {
        new ProcessBuilder("kill", shutdown.signal, Long.toString(postgres.pid())).start();
        long giveUp = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_SECONDS);
        // onExit() may never come: Postgres is not our child, and where nobody collects orphans (a container whose
        // first process this is) it stays in the process table.
        while (runsOn(postgres, cluster)) {
            if (System.nanoTime() > giveUp) {
                return false;
            }
            pause();
        }
        return true;
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(LOOK_EVERY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while stopping Postgres", e);
        }
    }
}

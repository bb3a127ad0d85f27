package dev.tunegate.gateway.db;

import dev.tunegate.gateway.db.PostgresProcess.Shutdown;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server of the embedded Postgres: on one port for as long as the gateway runs, and started again when it dies. */
final class PostgresServer {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final Duration START_LONGEST = Duration.ofSeconds(90);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** A port that was free may be taken a moment later. */
    private static final int PORTS_TRIED = 3;

    private final PostgresBinaries binaries;
    private final Path cluster;
    private final boolean isDurable;
    private final int port;
    private final Thread watcher = new Thread(this::watch, "postgres-watcher");
    private boolean isClosing;

    private PostgresServer(PostgresBinaries binaries, Path cluster, boolean isDurable, int port) {
        this.binaries = binaries;
        this.cluster = cluster;
        this.isDurable = isDurable;
        this.port = port;
    }

    /**
     * Starts the server and looks after it from then on. Blocks until it takes connections.
     *
     * @param isDurable false for databases that end with the process, and need not wait for the disk
     */
    static PostgresServer start(PostgresBinaries binaries, Path cluster, boolean isDurable) throws IOException {
        for (int attempt = 1; ; attempt++) {
            PostgresServer server = new PostgresServer(binaries, cluster, isDurable, freePort());
            try {
                server.launch();
            } catch (IOException e) {
                if (attempt < PORTS_TRIED && String.valueOf(e.getMessage()).contains("Address already in use")) {
                    continue;
                }
                throw e;
            }
            server.watcher.setDaemon(true);
            server.watcher.start();
            return server;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    /** pg_ctl puts the server in a session of its own, so that Ctrl-C ends the gateway first. */
    private void launch() throws IOException {
        String wait = Long.toString(START_LONGEST.minusSeconds(10).toSeconds());
        new PostgresCommand(
                        binaries,
                        "pg_ctl",
                        List.of("start", "-D", cluster.toString(), "-w", "-t", wait, "-o", options()))
                .run(START_LONGEST);
    }

    private String options() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("port", Integer.toString(port));
        settings.put("listen_addresses", EmbeddedDatabase.HOST);
        settings.put("unix_socket_directories", "");
        settings.put("timezone", "UTC");
        settings.put("fsync", isDurable ? "on" : "off");
        settings.put("synchronous_commit", isDurable ? "on" : "off");
        // Whoever is on this machine can connect and say nothing. Such a connection holds a place until it must have
        // said
        // who it is, so there are more places than the gateway needs, and little time.
        settings.put("max_connections", "200");
        settings.put("authentication_timeout", "3s");
        List<String> options = new ArrayList<>();
        settings.forEach((name, value) -> options.add("-c " + name + "=" + value));
        return String.join(" ", options);
    }

    private void watch() {
        Duration pause = Duration.ZERO;
        while (waits(pause.isZero() ? LOOK_EVERY : pause)) {
            try {
                if (PostgresProcess.isRunning(cluster)) {
                    pause = Duration.ZERO;
                } else if (pause.isZero()) {
                    LOG.warn("The embedded Postgres has ended by itself, and is started again");
                    pause = restarted() ? Duration.ZERO : Duration.ofSeconds(1);
                } else {
                    pause = restarted() ? Duration.ZERO : longer(pause);
                }
            } catch (IOException e) {
                LOG.warn("The embedded Postgres could not be looked after: {}", e.getMessage());
            }
        }
    }

    /** Fails for as long as processes of the dead server are still at work on the files. */
    private boolean restarted() {
        try {
            PostgresProcess.removeStalePidFile(cluster);
            launch();
            LOG.warn("The embedded Postgres runs again on port {}", port);
            return true;
        } catch (IOException e) {
            LOG.error("The embedded Postgres did not start, and is started again in a while: {}", e.getMessage());
            return false;
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }

    /** Whether to go on after so long a time. */
    private synchronized boolean waits(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        try {
            for (long left = end - System.nanoTime(); !isClosing && left > 0; left = end - System.nanoTime()) {
                wait(Math.max(1, Duration.ofNanos(left).toMillis()));
            }
        } catch (InterruptedException e) {
            return false;
        }
        return !isClosing;
    }

    /** Looks after it no longer, as when the gateway is killed. */
    void abandon() throws IOException {
        synchronized (this) {
            isClosing = true;
            notifyAll();
        }
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while stopping Postgres", e);
        }
    }

    void close() throws IOException {
        abandon();
        PostgresProcess.stop(cluster, isDurable ? Shutdown.FAST : Shutdown.IMMEDIATE);
    }
}

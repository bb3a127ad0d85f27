package dev.tunegate.gateway.db;

import dev.tunegate.gateway.db.PostgresProcess.Shutdown;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres of our own, its binaries and its data below one directory. It listens on the loopback interface only, on a
 * free port, and asks for a random password that only the directory's owner can read.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final String USER = "postgres";

    private final EmbeddedPostgres postgres;
    private final Path cluster;
    private final String password;
    private final Shutdown shutdown;
    private final FileLock lock;

    private EmbeddedDatabase(
            EmbeddedPostgres postgres, Path cluster, String password, Shutdown shutdown, FileLock lock) {
        this.postgres = postgres;
        this.cluster = cluster;
        this.password = password;
        this.shutdown = shutdown;
        this.lock = lock;
    }

    /**
     * Starts Postgres on the directory, creating the database when there is none. Blocks for a second or a few.
     *
     * @throws IOException with a message for the person at the terminal
     */
    public static EmbeddedDatabase start(Path directory) throws IOException {
        return start(directory, true);
    }

    /** Starts Postgres, and lets tests, whose databases end with them, not wait for the disk. */
    static EmbeddedDatabase start(Path directory, boolean isDurable) throws IOException {
        refuseRootWithoutNamespaces();
        Path home =
                Files.createDirectories(directory.toAbsolutePath().normalize()).toRealPath();
        FileLock lock = lock(home);
        try {
            Path cluster = home.resolve("cluster");
            Path complete = home.resolve("complete");
            PostgresProcess.clear(cluster);
            removeHalfDone(home, cluster, complete);
            Path passwordFile = home.resolve("password");
            String password = password(passwordFile);
            EmbeddedPostgres postgres = launch(home, cluster, passwordFile, password, isDurable);
            if (!Files.exists(complete)) {
                write(complete, "initdb has finished; without this file the cluster is made anew\n");
            }
            return new EmbeddedDatabase(
                    postgres, cluster, password, isDurable ? Shutdown.FAST : Shutdown.IMMEDIATE, lock);
        } catch (IOException e) {
            lock.acquiredBy().close();
            throw e;
        } catch (RuntimeException e) {
            lock.acquiredBy().close();
            throw new IOException("The embedded Postgres below " + home + " did not start: " + e.getMessage(), e);
        }
    }

    /**
     * The URL of the Postgres that another process runs on the directory; empty when none does.
     *
     * @throws IOException when that process is still starting or just stopping
     */
    public static Optional<String> running(Path directory) throws IOException {
        Path home = directory.toAbsolutePath().normalize();
        if (!Files.exists(home.resolve("lock"))) {
            return Optional.empty();
        }
        FileLock lock = tryLock(home);
        if (lock != null) {
            lock.acquiredBy().close();
            return Optional.empty();
        }
        int port = PostgresProcess.port(home.resolve("cluster"))
                .orElseThrow(() ->
                        new IOException("The gateway on " + home + " is starting or stopping. Try again in a moment."));
        return Optional.of(url(USER, Files.readString(home.resolve("password")).strip(), port));
    }

    /** The URL as {@link Database#open} takes it. It holds the password and must not be logged. */
    public String url() {
        return url(USER);
    }

    /** The URL of another database of this server. */
    public String url(String database) {
        return url(database, password, postgres.getPort());
    }

    private static String url(String database, String password, int port) {
        return "postgres://" + USER + ":" + password + "@localhost:" + port + "/" + database;
    }

    @Override
    public void close() throws IOException {
        // The library would give up after five seconds, which a busy machine can take for its last checkpoint.
        PostgresProcess.stop(cluster, shutdown);
        postgres.close();
        lock.acquiredBy().close();
    }

    private static EmbeddedPostgres launch(
            Path home, Path cluster, Path passwordFile, String password, boolean isDurable) throws IOException {
        return EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(home.resolve("binaries").toFile())
                .setDataDirectory(cluster)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(Duration.ofSeconds(60))
                // These become options of initdb; the library itself would trust everyone on this machine.
                .setLocaleConfig("auth-local", "scram-sha-256")
                .setLocaleConfig("auth-host", "scram-sha-256")
                .setLocaleConfig("pwfile", passwordFile.toString())
                .setLocaleConfig("locale", "C")
                .setConnectConfig("password", password)
                // The library is made for tests and turns durability off; a job that was answered must survive.
                .setServerConfig("fsync", isDurable ? "on" : "off")
                .setServerConfig("synchronous_commit", isDurable ? "on" : "off")
                .setServerConfig("max_connections", "100")
                .setServerConfig("unix_socket_directories", "")
                .start();
    }

    /** Postgres refuses to run as root; the library then starts it in a user namespace of its own, where there are any. */
    private static void refuseRootWithoutNamespaces() throws IOException {
        if ("root".equals(System.getProperty("user.name"))
                && System.getProperty("os.name").equals("Linux")
                && !LinuxUtils.isUnshareAvailable()) {
            throw new IOException("The embedded Postgres cannot run as root here, because this system gives out no user"
                    + " namespaces. Run as an ordinary user, or name a Postgres server with --database-url.");
        }
    }

    private static FileLock lock(Path home) throws IOException {
        FileLock lock = tryLock(home);
        if (lock == null) {
            throw new IOException("Another Tunegate is already running on " + home
                    + ". Stop it, or give this one another data directory.");
        }
        return lock;
    }

    private static @Nullable FileLock tryLock(Path home) throws IOException {
        FileChannel channel =
                FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        @Nullable FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
        }
        return lock;
    }

    /**
     * Removes the directories that are of no use because a gateway was killed while it unpacked Postgres or ran initdb.
     */
    private static void removeHalfDone(Path home, Path cluster, Path complete) throws IOException {
        if (!Files.exists(complete)) {
            DirectoryTree.delete(cluster);
        }
        Path binaries = home.resolve("binaries");
        if (Files.isDirectory(binaries)) {
            List<Path> releases;
            try (Stream<Path> entries = Files.list(binaries)) {
                releases = entries.toList();
            }
            for (Path release : releases) {
                if (!Files.exists(release.resolve(".exists"))) {
                    DirectoryTree.delete(release);
                }
            }
        }
    }

    private static String password(Path file) throws IOException {
        if (!Files.exists(file)) {
            write(file, Ids.random("", 32));
        }
        return Files.readString(file).strip();
    }

    /** Writes a file that is durable, and that only its owner can read from its first byte on. */
    private static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}

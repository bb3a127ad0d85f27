package dev.tunegate.gateway.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres of our own, its binaries and its data below one directory, which is its owner's alone. It listens on the
 * loopback interface only, on a free port, and asks for a random password that only the directory's owner can read.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final FileAttribute<?> OWNERS_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    static final String USER = "postgres";
    static final String HOST = "127.0.0.1";

    private final PostgresServer server;
    private final String password;
    private final FileLock lock;

    private EmbeddedDatabase(PostgresServer server, String password, FileLock lock) {
        this.server = server;
        this.password = password;
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
        PostgresCommand.requireUser();
        Path home = DirectoryTree.createPrivate(directory.toAbsolutePath().normalize())
                .toRealPath();
        DirectoryTree.makePrivate(home, Set.of());
        FileLock lock = lock(home);
        try {
            Cluster cluster = new Cluster(home);
            PostgresProcess.clear(cluster.files());
            PostgresBinaries binaries = PostgresBinaries.in(home.resolve("binaries"));
            cluster.ensure(binaries);
            return new EmbeddedDatabase(start(binaries, cluster, isDurable), cluster.password(), lock);
        } catch (IOException | RuntimeException e) {
            lock.acquiredBy().close();
            throw e;
        }
    }

    private static PostgresServer start(PostgresBinaries binaries, Cluster cluster, boolean isDurable)
            throws IOException {
        try {
            return PostgresServer.start(binaries, cluster.files(), isDurable);
        } catch (IOException e) {
            throw new IOException(
                    "The embedded Postgres on " + cluster.files() + " did not start: " + e.getMessage(), e);
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
        Cluster cluster = new Cluster(home);
        int port = PostgresProcess.port(cluster.files())
                .orElseThrow(() ->
                        new IOException("The gateway on " + home + " is starting or stopping. Try again in a moment."));
        return Optional.of(url(USER, cluster.password(), port));
    }

    /** The URL as {@link Database#open} takes it. It holds the password and must not be logged. */
    public String url() {
        return url(USER);
    }

    /** The URL of another database of this server. */
    public String url(String database) {
        return url(database, password, server.port());
    }

    private static String url(String database, String password, int port) {
        return "postgres://" + USER + ":" + password + "@" + HOST + ":" + port + "/" + database;
    }

    @Override
    public void close() throws IOException {
        server.close();
        lock.acquiredBy().close();
    }

    /** Leaves Postgres running with nobody to look after it, as a gateway does that is killed. */
    void abandon() throws IOException {
        server.abandon();
        lock.acquiredBy().close();
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
        FileChannel channel = FileChannel.open(
                home.resolve("lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNERS_FILE);
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
}

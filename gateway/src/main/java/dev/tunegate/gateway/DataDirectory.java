package dev.tunegate.gateway;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The directory with everything that a gateway keeps, held by one gateway at a time. */
public final class DataDirectory implements AutoCloseable {
    private final Path root;
    private final FileChannel lockFile;

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /** Creates the directory when it is missing, and holds it until this is closed or the process ends. */
    static DataDirectory open(Path directory) throws StartupFailure {
        Path root = directory.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
            FileChannel lockFile =
                    FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(lockFile) == null) {
                lockFile.close();
                throw new StartupFailure(
                        "Another gateway is running on " + root
                                + ". Stop it, or give this one another directory with --data-dir.",
                        null);
            }
            return new DataDirectory(root, lockFile);
        } catch (IOException e) {
            throw new StartupFailure(
                    "The data directory " + root + " cannot be used: " + e + ". Choose another with --data-dir.", e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) { // another gateway in this very process holds it
            return null;
        }
    }

    /** The embedded Postgres below a data directory. */
    public static Path postgres(Path dataDir) {
        return dataDir.resolve("postgres");
    }

    Path postgres() {
        return postgres(root);
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    /** The directory of adapters on their way to engines. */
    Path serving() {
        return root.resolve("serving");
    }

    /** The list of the trainers that run for this directory. */
    Path trainers() {
        return root.resolve("trainers");
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}

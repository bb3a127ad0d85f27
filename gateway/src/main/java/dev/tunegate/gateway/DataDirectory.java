package dev.tunegate.gateway;

import dev.tunegate.gateway.db.DirectoryTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory with everything that a gateway keeps, held by one gateway at a time, and its user's alone. */
public final class DataDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
    private static final FileAttribute<?> OWNERS_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path root;
    private final FileChannel lockFile;

    private DataDirectory(Path root, FileChannel lockFile) {
        this.root = root;
        this.lockFile = lockFile;
    }

    /**
     * Creates the directory when it is missing, holds it until this is closed or the process ends, and closes it to other
     * users of the machine.
     *
     * @param shared directories, perhaps in this one, that stay open to whom they are open
     */
    static DataDirectory open(Path directory, Set<Path> shared) throws StartupFailure {
        Path root = directory.toAbsolutePath().normalize();
        try {
            DirectoryTree.createPrivate(root);
            FileChannel lockFile = FileChannel.open(
                    root.resolve("lock"), Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNERS_FILE);
            if (tryLock(lockFile) == null) {
                lockFile.close();
                throw new StartupFailure(
                        "Another gateway is running on " + root
                                + ". Stop it, or give this one another directory with --data-dir.",
                        null);
            }
            makePrivate(root, shared);
            return new DataDirectory(root, lockFile);
        } catch (IOException e) {
            throw new StartupFailure(
                    "The data directory " + root + " cannot be used: " + e + ". Choose another with --data-dir.", e);
        }
    }

    private static void makePrivate(Path root, Set<Path> shared) throws IOException {
        Set<Path> reached = new HashSet<>();
        for (Path path : shared) {
            reached.add(path.toRealPath());
        }
        List<Path> foreign = DirectoryTree.makePrivate(root.toRealPath(), reached);
        if (!foreign.isEmpty()) {
            log.warn(
                    "{} files in the data directory are not this user's and cannot be closed to others, such as {}."
                            + " Make them this user's: chown -R",
                    foreign.size(),
                    foreign.get(0));
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

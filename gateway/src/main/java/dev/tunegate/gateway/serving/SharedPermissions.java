package dev.tunegate.gateway.serving;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Makes what is laid ready as open to others as the directory is that it lies in, whatever this process's umask: engines
 * often run as another user, and whoever shares a directory with them says by its permissions who may read it.
 */
final class SharedPermissions {
    private static final Set<PosixFilePermission> READ =
            EnumSet.of(PosixFilePermission.GROUP_READ, PosixFilePermission.OTHERS_READ);
    private static final Set<PosixFilePermission> READ_AND_PASS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_EXECUTE);

    private SharedPermissions() {}

    /** Gives its permissions to a directory, and to the files in it. */
    static void give(Path adapter) throws IOException {
        Set<PosixFilePermission> shared = Files.getPosixFilePermissions(Objects.requireNonNull(adapter.getParent()));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(adapter)) {
            for (Path file : files) {
                Set<PosixFilePermission> open = common(shared, READ);
                open.add(PosixFilePermission.OWNER_READ);
                open.add(PosixFilePermission.OWNER_WRITE);
                Files.setPosixFilePermissions(file, open);
            }
        }
        Set<PosixFilePermission> open = common(shared, READ_AND_PASS);
        open.add(PosixFilePermission.OWNER_READ);
        open.add(PosixFilePermission.OWNER_WRITE);
        open.add(PosixFilePermission.OWNER_EXECUTE);
        Files.setPosixFilePermissions(adapter, open);
    }

    private static Set<PosixFilePermission> common(Set<PosixFilePermission> some, Set<PosixFilePermission> others) {
        Set<PosixFilePermission> both = EnumSet.copyOf(others);
        both.retainAll(some);
        return both;
    }
}

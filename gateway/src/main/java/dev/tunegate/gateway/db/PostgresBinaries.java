package dev.tunegate.gateway.db;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Postgres's programs, unpacked. They run as the gateway's user, so nothing runs that somebody else could have written:
 * before each start every file is compared with the archive, and a directory in which anything differs, or that others
 * could write to, is unpacked anew.
 */
final class PostgresBinaries {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresBinaries.class);

    /** What the archive has, by path: a digest, or a link's target. Reading it takes a second, so it is read once. */
    private static @Nullable Map<Path, String> expected;

    private final Path directory;

    private PostgresBinaries(Path directory) {
        this.directory = directory;
    }

    /** The programs in this directory, which holds nothing else. Its parent must be the gateway's own. Blocks. */
    static synchronized PostgresBinaries in(Path directory) throws IOException {
        Path unpacked = directory.resolveSibling(directory.getFileName() + ".new");
        DirectoryTree.delete(unpacked); // a gateway was killed while it unpacked
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS) || !isSound(directory)) {
            expected = unpack(unpacked);
            DirectoryTree.delete(directory);
            Files.move(unpacked, directory, StandardCopyOption.ATOMIC_MOVE);
        }
        return new PostgresBinaries(directory);
    }

    Path program(String name) {
        return directory.resolve("bin").resolve(name);
    }

    private static boolean isSound(Path directory) throws IOException {
        Map<Path, String> archive = expected;
        if (archive == null) {
            archive = digests();
            expected = archive;
        }
        Inspection found = new Inspection(directory);
        Files.walkFileTree(directory, found);
        if (found.isOpenToOthers || !found.contents.equals(archive)) {
            LOG.warn(
                    "The programs of the embedded Postgres in {} are not as they were unpacked, or others could"
                            + " change them; they are unpacked anew",
                    directory);
            return false;
        }
        return true;
    }

    private static Map<Path, String> digests() throws IOException {
        Map<Path, String> contents = new HashMap<>();
        PostgresArchive.visit(new PostgresArchive.Visitor() {
            @Override
            public void file(Path path, boolean isProgram, InputStream content) throws IOException {
                contents.put(path, digest(content));
            }

            @Override
            public void link(Path path, Path target) {
                contents.put(path, linkTo(target));
            }
        });
        return contents;
    }

    private static Map<Path, String> unpack(Path directory) throws IOException {
        Map<Path, String> contents = new HashMap<>();
        Set<Path> made = new HashSet<>();
        DirectoryTree.createPrivate(directory);
        PostgresArchive.visit(new PostgresArchive.Visitor() {
            @Override
            public void file(Path path, boolean isProgram, InputStream content) throws IOException {
                Path file = parentOf(path);
                var permissions = PosixFilePermissions.fromString(isProgram ? "rwx------" : "rw-------");
                Files.createFile(file, PosixFilePermissions.asFileAttribute(permissions));
                MessageDigest sha256 = Sha256.begin();
                try (OutputStream out =
                        new DigestOutputStream(Files.newOutputStream(file, StandardOpenOption.WRITE), sha256)) {
                    content.transferTo(out);
                }
                contents.put(path, Sha256.hex(sha256));
            }

            @Override
            public void link(Path path, Path target) throws IOException {
                Files.createSymbolicLink(parentOf(path), target);
                contents.put(path, linkTo(target));
            }

            private Path parentOf(Path path) throws IOException {
                Path file = directory.resolve(path);
                createParents(Objects.requireNonNull(file.getParent()));
                return file;
            }

            private void createParents(Path parent) throws IOException {
                if (!parent.equals(directory) && made.add(parent)) {
                    createParents(Objects.requireNonNull(parent.getParent()));
                    DirectoryTree.createPrivate(parent);
                }
            }
        });
        return contents;
    }

    private static String digest(InputStream content) throws IOException {
        MessageDigest sha256 = Sha256.begin();
        new DigestInputStream(content, sha256).transferTo(OutputStream.nullOutputStream());
        return Sha256.hex(sha256);
    }

    private static String linkTo(Path target) {
        return "-> " + target;
    }

    /** What a directory has, in the archive's terms, and whether only this user could have put it there. */
    private static final class Inspection extends SimpleFileVisitor<Path> {
        private static final Set<PosixFilePermission> WRITABLE =
                Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

        private final Path root;
        private final long user = new UnixSystem().getUid();
        private final Map<Path, String> contents = new HashMap<>();
        private boolean isOpenToOthers;

        Inspection(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) throws IOException {
            look(path);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
            String content;
            if (attributes.isSymbolicLink()) {
                content = linkTo(Files.readSymbolicLink(path));
            } else {
                look(path);
                content = attributes.isRegularFile() ? digest(path) : "no file";
            }
            contents.put(root.relativize(path), content);
            return FileVisitResult.CONTINUE;
        }

        private static String digest(Path file) throws IOException {
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                return PostgresBinaries.digest(in);
            }
        }

        private void look(Path path) throws IOException {
            Map<String, Object> attributes =
                    Files.readAttributes(path, "unix:uid,permissions", LinkOption.NOFOLLOW_LINKS);
            Object owner = attributes.get("uid");
            Set<?> permissions = (Set<?>) Objects.requireNonNull(attributes.get("permissions"));
            isOpenToOthers |= !(owner instanceof Integer uid) || Integer.toUnsignedLong(uid) != user;
            isOpenToOthers |= permissions.stream().anyMatch(WRITABLE::contains);
        }
    }
}

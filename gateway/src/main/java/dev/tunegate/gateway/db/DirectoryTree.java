package dev.tunegate.gateway.db;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A directory with all that is below it. Links are themselves here, never what they lead to. */
public final class DirectoryTree {
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    /** What others keep on a directory that leads to one they share: they may pass, and see nothing. */
    private static final Set<PosixFilePermission> PASSAGE =
            EnumSet.of(PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);

    private DirectoryTree() {}

    /** Makes a directory that is its owner's alone, unless it is there already. Its parents are made as usual. Blocks. */
    public static Path createPrivate(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return directory;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        FileAttribute<?> ownersOnly = PosixFilePermissions.asFileAttribute(OWNERS);
        try {
            return Files.createDirectory(directory, ownersOnly);
        } catch (FileAlreadyExistsException e) {
            if (Files.isDirectory(directory)) { // another gateway was faster
                return directory;
            }
            throw e;
        }
    }

    /**
     * Takes from everybody but the owner what they may do with a directory and all below it. Blocks.
     *
     * @param shared directories in it, or elsewhere, that are others' business, too: they stay as they are
     * @return what could not be closed, because it is another user's
     */
    public static List<Path> makePrivate(Path root, Set<Path> shared) throws IOException {
        List<Path> foreign = new ArrayList<>();
        // A directory is closed before it is read: from then on nobody else puts anything into it.
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                if (shared.contains(directory)) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                boolean leadsToShared = shared.stream().anyMatch(path -> path.startsWith(directory));
                close(directory, leadsToShared ? PASSAGE : Set.of(), foreign);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isSymbolicLink()) {
                    close(file, Set.of(), foreign);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                if (!(failure instanceof NoSuchFileException)) {
                    foreign.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return foreign;
    }

    private static void close(Path path, Set<PosixFilePermission> kept, List<Path> foreign) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            Set<PosixFilePermission> permissions = view.readAttributes().permissions();
            Set<PosixFilePermission> left = EnumSet.noneOf(PosixFilePermission.class);
            permissions.stream()
                    .filter(permission -> OWNERS.contains(permission) || kept.contains(permission))
                    .forEach(left::add);
            if (!left.equals(permissions)) {
                view.setPermissions(left);
            }
        } catch (NoSuchFileException e) {
            return; // it has just been removed
        } catch (IOException e) {
            foreign.add(path);
        }
    }

    /** Deletes it; nothing happens where there is none. Blocks. */
    public static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }
}

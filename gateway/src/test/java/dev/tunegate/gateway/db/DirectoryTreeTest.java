package dev.tunegate.gateway.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryTreeTest {
    @TempDir
    private Path directory;

    @Test
    void takesEverythingFromOthersButWhatIsSharedOrOutside() throws IOException {
        Path outside = file("outside", "rw-rw-rw-");
        Path root = directory("data", "rwxrwxrwx");
        Path program = file("data/program", "rwxr-xr-x");
        Path readOnly = file("data/read-only", "r--r--r--");
        Path link = Files.createSymbolicLink(root.resolve("link"), outside);
        Path nowhere = Files.createSymbolicLink(root.resolve("nowhere"), root.resolve("missing"));
        Path serving = directory("data/serving", "rwxrwxr-x");
        Path shared = directory("data/serving/shared", "rwxr-x---");
        Path adapter = file("data/serving/shared/adapter", "rw-r-----");
        Path secret = file("data/serving/secret", "rw-rw-r--");

        assertThat(DirectoryTree.makePrivate(root, Set.of(shared))).isEmpty();

        assertThat(permissions(program)).isEqualTo("rwx------");
        assertThat(permissions(readOnly)).isEqualTo("r--------");
        assertThat(permissions(secret)).isEqualTo("rw-------");
        assertThat(permissions(shared)).isEqualTo("rwxr-x---");
        assertThat(permissions(adapter)).isEqualTo("rw-r-----");
        assertThat(permissions(root)).as("on the way to what is shared").isEqualTo("rwx--x--x");
        assertThat(permissions(serving)).isEqualTo("rwx--x--x");
        assertThat(permissions(outside)).as("what a link leads to").isEqualTo("rw-rw-rw-");
        assertThat(link).isSymbolicLink();
        assertThat(nowhere).isSymbolicLink();

        DirectoryTree.makePrivate(root, Set.of());
        assertThat(permissions(root)).isEqualTo("rwx------");
        assertThat(permissions(adapter)).isEqualTo("rw-------");
    }

    @Test
    void aNewDirectoryIsPrivateAndAnOldOneStaysAsItIs() throws IOException {
        assertThat(permissions(DirectoryTree.createPrivate(directory.resolve("a/b"))))
                .isEqualTo("rwx------");
        Path old = directory("old", "rwxr-xr-x");
        assertThat(permissions(DirectoryTree.createPrivate(old))).isEqualTo("rwxr-xr-x");
    }

    @Test
    void deletesLinksAndNotWhatTheyLeadTo() throws IOException {
        Path outside = directory("outside", "rwx------");
        Path kept = file("outside/kept", "rw-------");
        Path root = directory("data", "rwx------");
        Files.createSymbolicLink(root.resolve("link"), outside);
        Path nowhere = Files.createSymbolicLink(directory.resolve("nowhere"), directory.resolve("missing"));
        DirectoryTree.delete(root);
        DirectoryTree.delete(nowhere);
        DirectoryTree.delete(directory.resolve("missing"));
        assertThat(root).doesNotExist();
        assertThat(Files.isSymbolicLink(nowhere)).isFalse();
        assertThat(kept).exists();
    }

    private Path directory(String name, String permissions) throws IOException {
        Path path = Files.createDirectory(directory.resolve(name));
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private Path file(String name, String permissions) throws IOException {
        Path path = Files.createFile(directory.resolve(name));
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}

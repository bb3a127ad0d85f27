package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another user of the machine, who is curious and malicious. */
class LocalUsersTest {
    private static final String NOBODY = "65534";

    @TempDir
    private Path directory;

    /** As version 0.1 left its directory: readable by all, and its programs writable by all. */
    @Test
    void seesNothingOfADataDirectoryAndPutsNothingThere() throws Exception {
        permit(directory, "rwxr-xr-x"); // JUnit's is private itself
        Path evidence = directory.resolve("evidence");
        Path data = directory.resolve("data");
        Path programs = Files.createDirectories(data.resolve("postgres/binaries/PG-0123/bin"));
        Files.createFile(data.resolve("postgres/binaries/PG-0123/.exists"));
        for (String name : List.of("postgres", "initdb", "pg_ctl")) {
            Path program = Files.writeString(programs.resolve(name), "#!/bin/sh\ntouch " + evidence + "\n");
            permit(program, "rwxrwxrwx");
        }
        Path blobs = Files.createDirectories(data.resolve("blobs"));
        Files.writeString(blobs.resolve("blob-" + "0".repeat(32)), "old");
        for (Path path : tree(data)) {
            permit(path, Files.isDirectory(path) ? "rwxrwxrwx" : "rwxr-xr-x");
        }

        try (Gateway gateway = Gateway.start(GatewayOptions.in(data))) {
            assertThat(new ApiClient(gateway.url(), null)
                            .upload("fine-tune", "a.jsonl", "{}\n")
                            .status())
                    .isEqualTo(200);
            assertClosed(data);
            if (new UnixSystem().getUid() == 0) {
                assertThat(asNobody("cat", evidence.getParent() + "/data/postgres/password"))
                        .isNotZero();
                assertThat(asNobody("ls", data.toString())).isNotZero();
                assertThat(asNobody("touch", data + "/postgres/binaries/bin/postgres"))
                        .isNotZero();
                assertThat(asNobody("ls", directory.toString()))
                        .as("nobody gets this far")
                        .isZero();
            }
        }
        assertClosed(data);
        assertThat(evidence).doesNotExist();
    }

    private static void assertClosed(Path data) throws IOException {
        List<Path> paths = tree(data);
        assertThat(paths).hasSizeGreaterThan(1_000); // Postgres's own are among them
        for (Path path : paths) {
            assertThat(permissions(path)).as(path.toString()).endsWith("------");
        }
    }

    private static String permissions(Path path) throws IOException {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException e) {
            return "------"; // Postgres has just removed it
        }
    }

    private static List<Path> tree(Path root) throws IOException {
        List<Path> paths = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                paths.add(path);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
                if (!attributes.isSymbolicLink()) {
                    paths.add(path);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path path, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        return paths;
    }

    private static int asNobody(String... command) throws IOException, InterruptedException {
        List<String> line = Stream.concat(
                        Stream.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"),
                        Stream.of(command))
                .toList();
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}

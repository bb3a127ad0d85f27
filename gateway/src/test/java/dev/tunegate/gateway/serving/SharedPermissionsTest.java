package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedPermissionsTest {
    @ParameterizedTest
    @CsvSource({
        "rwx------, rwx------, rw-------",
        "rwxr-x---, rwxr-x---, rw-r-----",
        "rwxrwxrwx, rwxr-xr-x, rw-r--r--",
        "rwx--x--x, rwx--x--x, rw-------",
    })
    void anAdapterIsAsOpenAsTheDirectoryItLiesIn(String parent, String adapter, String file, @TempDir Path directory)
            throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(parent));
        Path made = Files.createDirectory(directory.resolve("adapter"));
        Path content = Files.createFile(made.resolve("adapter_config.json"));
        for (String before : new String[] {"rwx------", "rwxrwxrwx"}) {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(before));
            Files.setPosixFilePermissions(content, PosixFilePermissions.fromString(before));
            SharedPermissions.give(made);
            assertThat(Files.getPosixFilePermissions(made)).isEqualTo(PosixFilePermissions.fromString(adapter));
            assertThat(Files.getPosixFilePermissions(content)).isEqualTo(PosixFilePermissions.fromString(file));
        }
    }
}

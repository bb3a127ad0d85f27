package dev.tunegate.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadableKeysTest {
    private static final String KEYS = """
            upstreams:
              - name: a
                base_url: https://a.example/v1
                api_key: sk-literal-secret
                models: [a]
              - name: b
                base_url: https://b.example/v1
                api_key: ${KEY_B}
                models: [b]
            serving:
              base:
                engine: vllm
                api_key: 12345678
            """;

    @TempDir
    private Path directory;

    @BeforeEach
    void open() throws IOException {
        permit(directory, "rwxr-xr-x");
    }

    @Test
    void saysInWhichLinesKeysAreThatOthersCanRead() throws IOException {
        Path file = write(KEYS, "rw-r--r--");
        assertThat(ReadableKeys.warning(file))
                .hasValueSatisfying(warning -> assertThat(warning)
                        .contains("keys in lines 4, 13", "chmod 600 " + file, "${NAME}")
                        .doesNotContain("sk-literal-secret"));
    }

    @Test
    void aFileThatOthersCannotReachIsNoMatter() throws IOException {
        assertThat(ReadableKeys.warning(write(KEYS, "rw-------"))).isEmpty();
        Path file = write(KEYS, "rw-r--r--");
        permit(directory, "rwx------");
        assertThat(ReadableKeys.warning(file)).isEmpty();
        assertThat(ReadableKeys.warning(directory.resolve("missing"))).isEmpty();
    }

    @Test
    void aKeyOfTheEnvironmentIsNotInTheFile() throws IOException {
        assertThat(ReadableKeys.warning(write("upstreams:\n  - api_key: ${KEY}\n", "rw-r--r--")))
                .isEmpty();
        assertThat(ReadableKeys.warning(write("- [no: configuration", "rw-r--r--")))
                .isEmpty();
    }

    private Path write(String text, String permissions) throws IOException {
        Path file = Files.writeString(directory.resolve("tunegate.yaml"), text);
        permit(file, permissions);
        return file;
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}

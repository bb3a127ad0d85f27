package dev.tunegate.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.chaos.Records.Bytes;
import dev.tunegate.gateway.db.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("chaos")
class BlobsTest {
    private static final List<Bytes> ROWS = List.of(new Bytes("file f", "blob-1", 5, Sha256.hex("whole")));

    @TempDir
    private Path directory;

    private Path parts;

    @BeforeEach
    void makeParts() throws IOException {
        parts = Files.createDirectory(directory.resolve("parts"));
    }

    @Test
    void bytesAsTheirRowSaysAreInOrder() throws IOException {
        Files.writeString(directory.resolve("blob-1"), "whole");
        assertThat(new Blobs(directory).findings(ROWS, false)).isEmpty();
    }

    @Test
    void lostOtherAndHalfWrittenBytesAreFound() throws IOException {
        assertThat(new Blobs(directory).findings(ROWS, false))
                .singleElement()
                .asString()
                .contains("has lost its bytes");
        Files.writeString(directory.resolve("blob-1"), "");
        assertThat(new Blobs(directory).findings(ROWS, false))
                .singleElement()
                .asString()
                .contains("has 0 bytes");
        Files.writeString(directory.resolve("blob-1"), "WHOLE");
        assertThat(new Blobs(directory).findings(ROWS, false))
                .singleElement()
                .asString()
                .contains("not the 5");
        Files.writeString(parts.resolve("blob-2"), "hal");
        assertThat(new Blobs(directory).findings(List.of(), false))
                .singleElement()
                .asString()
                .contains("half-written");
        assertThat(new Blobs(directory).findings(List.of(), true)).isEmpty();
    }
}

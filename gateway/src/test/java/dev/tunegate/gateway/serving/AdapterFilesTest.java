package dev.tunegate.gateway.serving;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.SmallDisk;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.BufferStream;
import dev.tunegate.gateway.files.DirectoryBlobStore;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters that are laid ready for engines on a disk that is full. */
class AdapterFilesTest {
    private static final String NAME = "tunegate-abcdefghijklmnopqrstuvwx";

    private final Vertx vertx = Vertx.vertx();

    @TempDir
    private Path directory;

    private SmallDisk disk;
    private AdapterFiles files;
    private String blob;

    @BeforeEach
    void store() throws IOException {
        disk = new SmallDisk(Files.createDirectory(directory.resolve("serving")));
        BlobStore blobs = await(DirectoryBlobStore.open(vertx, directory.resolve("blobs"), 0));
        files = new AdapterFiles(vertx, blobs, disk.path(), disk.keptFree());
        byte[] adapter = EngineFixture.adapter(Map.of(
                "adapter_config.json", EngineFixture.CONFIG, "adapter_model.safetensors", "w".repeat(3_000_000)));
        blob = await(blobs.write(new BufferStream(Buffer.buffer(adapter)))).id();
    }

    @AfterEach
    void close() {
        await(vertx.close());
        disk.close();
    }

    @Test
    void anAdapterWaitsForRoomAndLeavesNothing() throws IOException {
        List<Path> before = entries();
        disk.fill();
        assertThatThrownBy(() -> await(files.provide(NAME, blob)))
                .isInstanceOfSatisfying(EngineProblem.class, problem -> {
                    assertThat(problem.isPassing()).isTrue();
                    assertThat(problem.reason()).contains("is full", disk.path().toString());
                });
        disk.free();
        assertThat(entries()).isEqualTo(before);

        await(files.provide(NAME, blob));
        assertThat(disk.path().resolve(NAME).resolve("adapter_model.safetensors"))
                .hasSize(3_000_000);
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(disk.path())) {
            return entries.sorted().toList();
        }
    }
}

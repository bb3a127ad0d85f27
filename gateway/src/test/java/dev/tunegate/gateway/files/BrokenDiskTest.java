package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.files.FaultyChannel.Fault;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.StorageFull;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks that are full, slow or broken: a blob is there whole, or it is not there and whoever brought it is told. */
class BrokenDiskTest {
    private static final Path FULL = Path.of("/dev/full");

    private final Vertx vertx = Vertx.vertx();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    @TempDir
    private Path directory;

    @AfterEach
    void close() {
        await(vertx.close());
    }

    /** The kernel's own answer to whoever writes to a full disk, to the last write of all and to the first of many. */
    @ParameterizedTest
    @ValueSource(ints = {1, 1_000_000})
    void aFullDiskIsToldAndLeavesNothing(int size) throws IOException {
        BlobStore store = store(path -> {
            PartFile.onDisk(path).close();
            return FileChannel.open(FULL, StandardOpenOption.WRITE);
        });
        ThrowingCallable write = () -> await(store.write(new BufferStream(bytes(size))));
        assertThatThrownBy(write).matches(StorageFull::is);
        assertThat(files()).isEmpty();
    }

    @Test
    void allIsWrittenBeforeItIsFlushed() throws IOException {
        BlobStore store = store(Fault.NONE);
        Buffer bytes = bytes(123_456);
        Blob blob = await(store.write(new PiecesStream(bytes, 10_000)));
        assertThat(Files.readAllBytes(directory.resolve(blob.id()))).isEqualTo(bytes.getBytes());
        assertThat(calls.subList(calls.size() - 3, calls.size())).containsExactly("write", "flush", "close");
        assertThat(calls.subList(0, calls.size() - 2)).hasSize(12 * 10 + 4).containsOnly("write");
    }

    @Test
    void whatTheDiskHasNotKeptIsNotAcknowledged() throws IOException {
        BlobStore store = store(Fault.LOST_BYTE);
        assertThatThrownBy(() -> await(store.write(new BufferStream(bytes(5000)))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bytes=4999");
        assertThat(files()).isEmpty();
    }

    @Test
    void whatWasNotFlushedIsNotAcknowledged() throws IOException {
        BlobStore store = store(Fault.FAILED_FLUSH);
        assertThatThrownBy(() -> await(store.write(new BufferStream(bytes(5000)))))
                .isInstanceOf(IOException.class);
        assertThat(calls).endsWith("flush", "close");
        assertThat(files()).isEmpty();
    }

    @Test
    void aPartOfTheDiskIsKeptFree() throws IOException {
        long free = directory.toFile().getUsableSpace();
        BlobStore modest = await(DirectoryBlobStore.open(vertx, directory, free / 2));
        await(modest.write(new BufferStream(bytes(1000))));
        assertThat(files()).hasSize(1);

        BlobStore store = await(DirectoryBlobStore.open(vertx, directory, 2 * free));
        assertThatThrownBy(() -> await(store.write(new BufferStream(bytes(1000)))))
                .isInstanceOfSatisfying(
                        ApiError.class, error -> assertThat(error.status()).isEqualTo(507));
        assertThat(files()).hasSize(1);
    }

    private BlobStore store(Fault fault) {
        return store(path -> new FaultyChannel(PartFile.onDisk(path), calls, fault));
    }

    private BlobStore store(PartFile.Creation creation) {
        return await(DirectoryBlobStore.open(vertx, directory, 0, creation));
    }

    private static Buffer bytes(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return Buffer.buffer(bytes);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}

package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every blob store does; a store's own test extends it. */
abstract class BlobStoreContract {
    private final Vertx vertx = Vertx.vertx();
    private BlobStore store;

    @TempDir
    private Path scratch;

    /** A store without blobs. */
    abstract Future<BlobStore> open(Vertx vertx);

    /** How many blobs, whole or in parts, the store holds. */
    abstract int count();

    @BeforeEach
    void openStore() {
        store = await(open(vertx));
    }

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_000_000})
    void aBlobComesBackAsItWasWritten(int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        Blob blob = write(bytes);
        assertThat(blob.bytes()).isEqualTo(size);
        assertThat(blob.sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        assertThat(read(blob.id())).isEqualTo(bytes);
    }

    @Test
    void listsBlobsWithTheTimeOfTheirWriting() throws IOException {
        Instant begin = Instant.now().minusSeconds(60);
        String id = write(new byte[] {1, 2, 3}).id();
        assertThat(await(store.list())).singleElement().satisfies(blob -> {
            assertThat(blob.id()).isEqualTo(id);
            assertThat(blob.at()).isBetween(begin, Instant.now().plusSeconds(60));
        });
    }

    @Test
    void equalBytesAreTwoBlobs() throws IOException {
        Blob first = write(new byte[] {1, 2, 3});
        Blob second = write(new byte[] {1, 2, 3});
        assertThat(first.id()).isNotEqualTo(second.id());
        await(store.delete(first.id()));
        assertThat(read(second.id())).containsExactly(1, 2, 3);
    }

    @Test
    void aDeletedBlobIsGoneAndCanBeDeletedAgain() throws IOException {
        Blob blob = write(new byte[10]);
        await(store.delete(blob.id()));
        assertThatThrownBy(() -> await(store.read(blob.id()))).isInstanceOf(BlobStore.NoSuchBlob.class);
        await(store.delete(blob.id()));
        assertThat(count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../secret", "/etc/passwd", "blob-unknown", "parts"})
    void anIdThatTheStoreDidNotGiveNamesNothing(String id) throws IOException {
        Blob blob = write(new byte[10]);
        assertThatThrownBy(() -> await(store.read(id))).isInstanceOf(BlobStore.NoSuchBlob.class);
        await(store.delete(id));
        assertThat(read(blob.id())).hasSize(10);
    }

    @Test
    void aStreamThatBreaksLeavesNothing() {
        BreakingStream stream = new BreakingStream();
        Future<Blob> written = store.write(stream);
        assertThatThrownBy(() -> await(written)).hasMessage("the client has gone");
        assertThat(count()).isZero();
    }

    private Blob write(byte[] bytes) throws IOException {
        Path file = Files.write(Files.createTempFile(scratch, "blob", ""), bytes);
        AsyncFile stream = await(vertx.fileSystem().open(file.toString(), new OpenOptions().setWrite(false)));
        return await(store.write(stream).eventually(stream::close));
    }

    private byte[] read(String id) throws IOException {
        Path file = Files.createTempFile(scratch, "copy", "");
        await(store.read(id)
                .compose(content -> vertx.fileSystem()
                        .open(file.toString(), new OpenOptions())
                        .compose(content::pipeTo)));
        return Files.readAllBytes(file);
    }

    /** Brings some bytes and then an error, as a connection does that breaks. */
    private static final class BreakingStream implements ReadStream<Buffer> {
        private @Nullable Handler<Buffer> handler;
        private @Nullable Handler<Throwable> exceptionHandler;

        @Override
        public ReadStream<Buffer> resume() {
            if (handler != null && exceptionHandler != null) {
                handler.handle(Buffer.buffer(new byte[1000]));
                exceptionHandler.handle(new IOException("the client has gone"));
            }
            return this;
        }

        @Override
        public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
            this.handler = handler;
            return this;
        }

        @Override
        public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
            this.exceptionHandler = handler;
            return this;
        }

        @Override
        public ReadStream<Buffer> pause() {
            return this;
        }

        @Override
        public ReadStream<Buffer> fetch(long amount) {
            return resume();
        }

        @Override
        public ReadStream<Buffer> endHandler(@Nullable Handler<Void> endHandler) {
            return this;
        }
    }
}

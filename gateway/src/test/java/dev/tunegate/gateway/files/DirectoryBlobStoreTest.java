package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryBlobStoreTest extends BlobStoreContract {
    @TempDir
    private Path directory;

    @Override
    Future<BlobStore> open(Vertx vertx) {
        return DirectoryBlobStore.open(vertx, directory, 0);
    }

    @Override
    int count() {
        try (Stream<Path> files = Files.walk(directory)) {
            return (int) files.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whatWasBeingWrittenWhenTheProcessDiedIsRemovedAtTheNextStart() throws IOException {
        Files.writeString(directory.resolve("parts").resolve("blob-half"), "half of it");
        Vertx vertx = Vertx.vertx();
        await(DirectoryBlobStore.open(vertx, directory, 0));
        await(vertx.close());
        assertThat(count()).isZero();
    }
}

package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
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
    void whatAGatewayWasWritingWhenItDiedIsRemovedAndWhatAnotherIsWritingIsNot() throws IOException {
        Path parts = directory.resolve("parts");
        Path abandoned = Files.writeString(parts.resolve("blob-abandoned"), "half of it");
        Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofMinutes(11))));
        Path others = Files.writeString(parts.resolve("blob-others"), "half of it");

        Vertx vertx = Vertx.vertx();
        DirectoryBlobStore store = (DirectoryBlobStore) await(open(vertx));
        assertThat(abandoned).doesNotExist();
        assertThat(others).exists();

        assertThat(store.removeAbandoned(Instant.now().plus(Duration.ofMinutes(11))))
                .isOne();
        assertThat(others).doesNotExist();
        await(vertx.close());
    }
}

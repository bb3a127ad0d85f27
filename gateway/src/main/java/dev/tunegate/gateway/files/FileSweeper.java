package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes files whose time is up, and bytes that no row names, every few minutes for as long as Vert.x runs. */
public final class FileSweeper {
    private static final Logger log = LoggerFactory.getLogger(FileSweeper.class);
    private static final Duration INTERVAL = Duration.ofMinutes(10);

    private FileSweeper() {}

    public static void start(Vertx vertx, Database database, BlobStore blobs) {
        FileStore files = new FileStore(database, blobs);
        OrphanedBlobs orphans = new OrphanedBlobs(database, blobs);
        vertx.setPeriodic(
                INTERVAL.toMillis(),
                timer -> files.deleteExpired()
                        .compose(deleted -> orphans.remove(Instant.now()))
                        .onFailure(failure -> log.warn("Expired files were not deleted; they will be", failure)));
    }
}

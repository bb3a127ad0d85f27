package dev.tunegate.gateway.cli;

import dev.tunegate.gateway.DataDirectory;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.EmbeddedDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** The database for one short task: the server's, that of a gateway which is running, or else started for the task. */
final class StoredData {
    private static final int TIMEOUT_SECONDS = 60;

    private StoredData() {}

    static <T> T use(StorageOptions storage, Function<Database, Future<T>> task) throws IOException {
        String url = storage.databaseUrl();
        if (url != null) {
            return connect(url, task);
        }
        Path directory = DataDirectory.postgres(storage.dataDir().toAbsolutePath());
        Optional<String> running = EmbeddedDatabase.running(directory);
        return running.isPresent() ? connect(running.get(), task) : startAndConnect(directory, task);
    }

    private static <T> T startAndConnect(Path directory, Function<Database, Future<T>> task) throws IOException {
        EmbeddedDatabase started;
        try {
            started = EmbeddedDatabase.start(directory);
        } catch (IOException e) { // a gateway may have started on the directory at this very moment
            return connect(EmbeddedDatabase.running(directory).orElseThrow(() -> e), task);
        }
        try (started) {
            return connect(started.url(), task);
        }
    }

    private static <T> T connect(String url, Function<Database, Future<T>> task) throws IOException {
        Vertx vertx = Vertx.vertx();
        try {
            return Database.open(vertx, url)
                    .compose(database -> task.apply(database).eventually(database::close))
                    .await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("The database did not answer within " + TIMEOUT_SECONDS + " s.", e);
        } finally {
            vertx.close().await();
        }
    }
}

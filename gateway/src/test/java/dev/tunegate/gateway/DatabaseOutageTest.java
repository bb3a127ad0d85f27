package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.db.Link;
import dev.tunegate.gateway.db.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose database is elsewhere, and the way there fails. */
class DatabaseOutageTest {
    @TempDir
    private Path directory;

    private TestDatabase database;
    private Link link;
    private Gateway gateway;

    @BeforeEach
    void start() throws StartupFailure {
        database = new TestDatabase();
        link = new Link(database.url());
        gateway = Gateway.start(GatewayOptions.in(directory).withDatabase(link.url()));
    }

    @AfterEach
    void stop() {
        gateway.close();
        link.close();
        database.close();
    }

    @Test
    void aHalfOpenLinkHangsNothingAndIsLeftBehindWhenItHeals() {
        ApiClient client = new ApiClient(gateway.url(), null);
        assertThat(client.get("/v1/files").status()).isEqualTo(200);
        link.stall();
        CompletableFuture<Void> files = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 2; i++) { // the second finds no connection that was there before
                assertUnavailable(client, "/v1/files", Duration.ofSeconds(12));
            }
        });
        assertUnavailable(client, "/health/ready", Duration.ofSeconds(4)); // two, and a busy machine
        assertThat(client.get("/health/live").status()).isEqualTo(200);
        files.join();

        link.heal();
        for (String path : new String[] {"/health/ready", "/v1/files", "/v1/fine_tuning/jobs"}) {
            Eventually.until(
                    Duration.ofSeconds(30),
                    path + " is well",
                    () -> client.get(path).status(),
                    status -> status == 200);
        }
    }

    @Test
    void aDatabaseThatIsDownIsA503UntilItIsUp() {
        ApiClient client = new ApiClient(gateway.url(), null);
        link.cut();
        for (String path : new String[] {"/health/ready", "/v1/files", "/v1/models", "/v1/files/file-x/content"}) {
            assertUnavailable(client, path, Duration.ofSeconds(4));
        }
        ApiClient.Answer upload = client.upload("fine-tune", "a.jsonl", "{}\n");
        assertThat(upload.status()).isEqualTo(503);
        link.mend();
        Eventually.until(
                Duration.ofSeconds(30),
                "it is well",
                () -> client.get("/v1/files").status(),
                status -> status == 200);
    }

    @Test
    void aGatewayWithoutADatabaseSaysWhichOneItIsMissing(@TempDir Path other) {
        link.cut();
        long start = System.nanoTime();
        assertThatThrownBy(() -> Gateway.start(GatewayOptions.in(other).withDatabase(link.url())))
                .isInstanceOf(StartupFailure.class)
                .hasMessageContaining(link.url().replaceAll(".*@", ""))
                .hasMessageContaining("TUNEGATE_DATABASE_URL")
                .hasMessageNotContaining(link.url().replaceAll(".*:(.*)@.*", "$1"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    private static void assertUnavailable(ApiClient client, String path, Duration within) {
        long start = System.nanoTime();
        ApiClient.Answer reply = client.get(path);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).as(path).isLessThan(within);
        assertThat(reply.status()).as(path).isEqualTo(503);
        assertThat(reply.json().at("/error/code").asText()).isEqualTo("database_unavailable");
        assertThat(reply.json().at("/error/type").asText()).isEqualTo("server_error");
        assertThat(reply.header("retry-after")).isEqualTo("2");
    }
}

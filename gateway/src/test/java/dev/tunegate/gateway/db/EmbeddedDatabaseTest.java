package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedDatabaseTest {
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        await(vertx.close());
    }

    @Test
    void keepsItsDataAndItsDurabilityAcrossRestarts(@TempDir Path directory) throws IOException {
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            query(postgres, "create table kept as select 42 as answer");
        }
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select answer::text from kept")).isEqualTo("42");
            assertThat(query(postgres, "show fsync")).isEqualTo("on");
            assertThat(query(postgres, "show synchronous_commit")).isEqualTo("on");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stopsWhoeverIsConnected(boolean isDurable, @TempDir Path directory) throws IOException {
        EmbeddedDatabase postgres = EmbeddedDatabase.start(directory, isDurable);
        PgConnection client = await(PgConnection.connect(vertx, postgres.url()));
        Promise<Void> gone = Promise.promise();
        client.closeHandler(gone::complete);
        postgres.close();
        await(gone.future());
        assertThat(directory.resolve("cluster/postmaster.pid")).doesNotExist();
    }

    @Test
    void letsNobodyInWithoutThePassword(@TempDir Path directory) throws IOException {
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            String guess = postgres.url().replaceAll(":[^:@]+@", ":guess@");
            assertThatThrownBy(() -> await(PgConnection.connect(vertx, guess)))
                    .hasMessageContaining("password authentication failed");
            assertThat(Files.getPosixFilePermissions(directory.resolve("password")))
                    .hasSize(2);
        }
    }

    @Test
    void twoGatewaysCannotShareOneDirectory(@TempDir Path directory) throws IOException {
        try (EmbeddedDatabase first = EmbeddedDatabase.start(directory)) {
            assertThatThrownBy(() -> EmbeddedDatabase.start(directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("already running");
            assertThat(query(first, "select 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void stopsThePostgresThatAKilledGatewayLeftAndTakesOver(@TempDir Path directory) throws Exception {
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            query(postgres, "create table kept as select 42 as answer");
            // What the next gateway does once the lock of the killed one is gone.
            PostgresProcess.clear(directory.toRealPath().resolve("cluster"));
            assertThat(directory.resolve("cluster/postmaster.pid")).doesNotExist();
            assertThatThrownBy(() -> query(postgres, "select 1")).hasMessageContaining("Connection refused");
        }
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select answer::text from kept")).isEqualTo("42");
        }
    }

    @Test
    void leavesOtherProcessesAloneWhenThePidFileIsStale(@TempDir Path directory) throws IOException {
        EmbeddedDatabase.start(directory).close();
        Path pidFile = directory.resolve("cluster/postmaster.pid");
        Files.write(pidFile, List.of(Long.toString(ProcessHandle.current().pid()), "", "0", "1"));
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select 'up'")).isEqualTo("up");
        }
    }

    @Test
    void beginsAgainWhereInitdbWasCutShort(@TempDir Path directory) throws IOException {
        Path cluster = Files.createDirectories(directory.resolve("cluster"));
        Files.writeString(cluster.resolve("postgresql.conf"), "half");
        Path unpacked = Files.createDirectories(directory.resolve("binaries/PG-half"));
        Files.copy(cluster.resolve("postgresql.conf"), unpacked.resolve("x"), StandardCopyOption.REPLACE_EXISTING);
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select 'up'")).isEqualTo("up");
            assertThat(unpacked).doesNotExist();
        }
    }

    private static String query(EmbeddedDatabase postgres, String sql) {
        return await(PgConnection.connect(vertx, postgres.url())
                .compose(connection -> connection
                        .query(sql)
                        .execute()
                        .map(rows ->
                                rows.size() == 0 ? "" : rows.iterator().next().getString(0))
                        .eventually(connection::close)));
    }
}

package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.CapturedLog;
import dev.tunegate.gateway.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmbeddedDatabaseTest {
    private static Vertx vertx;

    /** A directory that a gateway has used; copying it is quicker than making another. */
    @TempDir
    private static Path used;

    @BeforeAll
    static void start() throws IOException {
        vertx = Vertx.vertx();
        EmbeddedDatabase.start(used, false).close();
    }

    private static void copyUsedTo(Path directory) throws Exception {
        Process copy = new ProcessBuilder("cp", "-Rp", used + "/.", directory.toString())
                .inheritIO()
                .start();
        assertThat(copy.waitFor()).isZero();
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
    void stopsWhoeverIsConnected(boolean isDurable, @TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        EmbeddedDatabase postgres = EmbeddedDatabase.start(directory, isDurable);
        PgConnection client = await(PgConnection.connect(vertx, postgres.url()));
        Promise<Void> gone = Promise.promise();
        client.closeHandler(gone::complete);
        postgres.close();
        await(gone.future());
        assertThat(directory.resolve("cluster/postmaster.pid")).doesNotExist();
    }

    @Test
    void letsNobodyInWithoutThePassword(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            String guess = postgres.url().replaceAll(":[^:@]+@", ":guess@");
            assertThatThrownBy(() -> await(PgConnection.connect(vertx, guess)))
                    .hasMessageContaining("password authentication failed");
            assertThat(Files.getPosixFilePermissions(directory.resolve("password")))
                    .hasSize(2);
        }
    }

    @Test
    void twoGatewaysCannotShareOneDirectory(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        try (EmbeddedDatabase first = EmbeddedDatabase.start(directory)) {
            assertThatThrownBy(() -> EmbeddedDatabase.start(directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("already running");
            assertThat(query(first, "select 'still here'")).isEqualTo("still here");
        }
    }

    @Test
    void stopsThePostgresThatAKilledGatewayLeftAndTakesOver(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        EmbeddedDatabase killed = EmbeddedDatabase.start(directory);
        query(killed, "create table kept as select 42 as answer");
        killed.abandon();
        assertThat(query(killed, "select 'still up'")).isEqualTo("still up");
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select answer::text from kept")).isEqualTo("42");
            assertThatThrownBy(() -> query(killed, "select 1")).hasMessageContaining("Connection refused");
        }
    }

    @Test
    void leavesOtherProcessesAloneWhenThePidFileIsStale(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        Path pidFile = directory.resolve("cluster/postmaster.pid");
        Files.write(pidFile, List.of(Long.toString(ProcessHandle.current().pid()), "", "0", "1"));
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select 'up'")).isEqualTo("up");
        }
    }

    @Test
    void beginsAgainWhereTheFirstStartWasCutShort(@TempDir Path directory) throws IOException {
        Path unfinished = Files.createDirectories(directory.resolve("cluster.new"));
        Files.writeString(unfinished.resolve("PG_VERSION"), "17");
        Path unpacked = Files.createDirectories(directory.resolve("binaries.new/bin"));
        Path noDatabase = Files.createDirectories(directory.resolve("cluster"));
        Files.writeString(noDatabase.resolve("postgresql.conf"), "mine");
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select 'up'")).isEqualTo("up");
        }
        assertThat(unfinished).doesNotExist();
        assertThat(unpacked).doesNotExist();
        try (Stream<Path> entries = Files.list(directory)) {
            assertThat(entries.filter(entry -> entry.getFileName().toString().startsWith("cluster.unusable-")))
                    .singleElement()
                    .satisfies(aside ->
                            assertThat(aside.resolve("postgresql.conf")).hasContent("mine"));
        }
        // A gateway that is killed after initdb, and before the database is in its place.
        Files.move(directory.resolve("cluster"), unfinished);
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select 'up again'")).isEqualTo("up again");
        }
    }

    @Test
    void neverTakesADatabaseForNone(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            query(postgres, "create table kept as select 42 as answer");
        }
        Path cluster = directory.resolve("cluster");
        Path marker = directory.resolve("complete");

        Files.delete(marker);
        assertRefused(directory, "holds a Postgres database", "touch ", "it looks as if one has");
        Files.createFile(marker);

        Path password = directory.resolve("password");
        Path kept = Files.move(password, directory.resolve("kept"));
        assertRefused(directory, "The password of the database");
        Files.move(kept, password);

        Path away = Files.move(cluster, directory.resolve("away"));
        assertRefused(directory, "is gone", "from a backup");
        Files.move(away, cluster);

        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            assertThat(query(postgres, "select answer::text from kept")).isEqualTo("42");
        }
    }

    /** Also when the file of its pid and the places of its connections are still there. */
    @Test
    void isStartedAgainOnTheSamePortWhenItIsKilled(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        try (CapturedLog log = new CapturedLog();
                EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            Database database = await(Database.open(vertx, postgres.url()));
            await(database.pool()
                    .query("create table kept as select 42 as answer")
                    .execute());
            for (int kills = 1; kills <= 2; kills++) {
                long pid = pid(directory);
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                Eventually.until(
                        Duration.ofSeconds(60),
                        "the pool has connections to the new one",
                        () -> pid(directory) != pid && answers(database),
                        up -> up);
            }
            assertThat(query(postgres, "select answer::text from kept")).isEqualTo("42");
            assertThat(log.text()).contains("has ended by itself", "runs again on port");
            await(database.close());
        }
        assertThat(directory.resolve("cluster/postmaster.pid")).doesNotExist();
    }

    @Test
    void silentConnectionsKeepNobodyOut(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        List<Socket> silent = new ArrayList<>();
        try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory)) {
            int port = URI.create(postgres.url()).getPort();
            InetAddress here = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            for (int i = 0; i < 210; i++) { // more than there are places
                silent.add(new Socket(here, port));
            }
            Database database = await(Database.open(vertx, postgres.url()));
            await(database.ping(Duration.ofSeconds(5)));
            await(database.close());
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void runsNoProgramThatSomebodyElseHasPutThere(@TempDir Path directory) throws Exception {
        copyUsedTo(directory);
        Path evidence = directory.resolve("evidence");
        Path program = directory.resolve("binaries/bin/pg_ctl");
        byte[] genuine = Files.readAllBytes(program);
        Files.writeString(program, "#!/bin/sh\ntouch " + evidence + "\nexit 1\n");
        Path added = Files.writeString(directory.resolve("binaries/lib/libz.so"), "a library that is found first");
        EmbeddedDatabase.start(directory).close();
        assertThat(evidence).doesNotExist();
        assertThat(added).doesNotExist();
        assertThat(Files.readAllBytes(program)).isEqualTo(genuine);

        // Nothing differs, but others could change it at any time.
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxrwxrwx"));
        EmbeddedDatabase.start(directory).close();
        assertThat(Files.getPosixFilePermissions(program)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    private static void assertRefused(Path directory, String... words) {
        assertThatThrownBy(() -> EmbeddedDatabase.start(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words);
    }

    private static boolean answers(Database database) {
        return await(
                database.ping(Duration.ofSeconds(5)).transform(answer -> Future.succeededFuture(answer.succeeded())));
    }

    /** The server's; 0 while there is none. */
    private static long pid(Path directory) {
        try {
            return Long.parseLong(Files.readAllLines(directory.resolve("cluster/postmaster.pid"))
                    .get(0));
        } catch (IOException | IndexOutOfBoundsException e) {
            return 0;
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

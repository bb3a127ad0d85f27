package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.gateway.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of queries when Postgres, or the way to it, is not there. The times are shorter than a gateway's. */
class DatabaseTest {
    private static final Patience SHORT = new Patience(
            Duration.ofMillis(500),
            Duration.ofMillis(500),
            Duration.ofMillis(800),
            Duration.ofSeconds(1),
            Duration.ofMillis(200),
            Duration.ofMillis(2_200));

    /** What all the times above come to, on a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(15);

    private TestDatabase server;
    private Link link;
    private Database database;

    @BeforeEach
    void open() {
        server = new TestDatabase();
        link = new Link(server.url());
        database = await(Database.open(server.vertx(), link.url(), SHORT));
    }

    @AfterEach
    void close() {
        await(database.close());
        link.close();
        server.close();
    }

    @Test
    void aHalfOpenConnectionEndsWhateverWaitsForIt() {
        await(database.ping(SOON));
        Promise<Void> begun = Promise.promise();
        Promise<Void> stalled = Promise.promise();
        Future<Void> transaction = database.transaction(connection -> connection
                .query("select 1")
                .execute()
                .<Void>mapEmpty()
                .onComplete(begun)
                .compose(done -> stalled.future())
                .compose(gone -> connection.query("select 1").execute().mapEmpty()));
        await(begun.future());
        link.stall();
        stalled.complete();
        List<Future<Void>> waiting =
                Stream.generate(this::ask).limit(40).map(Future::<Void>mapEmpty).toList();
        assertUnavailable(transaction);
        waiting.forEach(DatabaseTest::assertUnavailable);
        assertUnavailable(database.ping(Duration.ofMillis(200)));

        link.heal();
        assertAnswersAgain();
    }

    /** A send buffer that nobody empties must not keep a connection from being closed. */
    @Test
    void aLargeStatementThatGoesNowhereEndsAsWell() {
        await(database.ping(SOON));
        link.stall();
        Future<Void> large = database.transaction(connection -> connection
                .preparedQuery("select length($1)")
                .execute(Tuple.of(Buffer.buffer(new byte[8 << 20])))
                .mapEmpty());
        assertUnavailable(large);
        link.heal();
        assertAnswersAgain();
    }

    @Test
    void theServerDropsTheTransactionOfAGatewayThatHasVanished() {
        Promise<Void> locked = Promise.promise();
        Future<Void> transaction = database.transaction(connection -> connection
                .query("lock table jobs")
                .execute()
                .<Void>mapEmpty()
                .onComplete(locked)
                .compose(done -> Promise.<Void>promise().future()));
        await(locked.future());
        link.stall();
        assertUnavailable(transaction);
        Eventually.until(SOON, "the lock is gone", this::locksOnJobs, count -> count == 0);
    }

    @Test
    void postgresItselfEndsAStatementThatTakesTooLong() {
        assertUnavailable(database.transaction(
                connection -> connection.query("select pg_sleep(60)").execute()));
        Eventually.until(SOON, "nobody sleeps", this::sleepers, count -> count == 0);
    }

    @Test
    void aCutLinkIsAFailureAtOnceAndAConnectionWhenItIsMended() {
        await(database.ping(SOON));
        link.cut();
        assertUnavailable(ask());
        link.mend();
        assertAnswersAgain();
    }

    @Test
    void aListenerNoticesThatItsConnectionIsHalfOpen() {
        AtomicInteger heard = new AtomicInteger();
        Listener listener = database.listen("news", heard::incrementAndGet);
        Eventually.until(SOON, "it listens", heard::get, count -> count == 1);
        server.execute("notify news");
        Eventually.until(SOON, "it hears", heard::get, count -> count == 2);
        link.stall();
        server.execute("notify news");
        link.heal();
        Eventually.until(SOON, "it listens again, and makes up for what it missed", heard::get, count -> count == 3);
        server.execute("notify news");
        Eventually.until(SOON, "it hears again", heard::get, count -> count == 4);
        await(listener.close());
    }

    /** It is closed before silence could end it in the midst of a statement. */
    @Test
    void connectionsThatNobodyUsesAreLetGo() {
        await(database.ping(SOON));
        assertThat(ofThisPool()).isEqualTo(1);
        Eventually.until(SOON, "it is closed", this::ofThisPool, count -> count == 0);
        await(database.ping(SOON));
    }

    @Test
    void aDatabaseThatCannotBeUsedIsNamedWithoutItsPassword() throws IOException {
        URI there = URI.create(server.url());
        String user = there.getUserInfo();
        assertUnusable(
                server.url().replace(user, "postgres:wrong-secret"),
                there.getPort() + there.getPath(),
                "does not let the user 'postgres' in");
        assertUnusable(server.url().replace(there.getPath(), "/nowhere"), there.getPort() + "/nowhere", "no database");
        assertUnusable(
                "postgres://u:wrong-secret@no-such-host.invalid:5432/db", "no-such-host.invalid:5432/db", "unknown");
        int closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = free.getLocalPort();
        }
        assertUnusable(
                "postgres://u:wrong-secret@127.0.0.1:" + closed + "/db",
                "127.0.0.1:" + closed + "/db",
                "nothing there takes connections");
        link.stall();
        assertUnusable(link.url(), "cannot be used: it does not answer");
    }

    private void assertUnusable(String url, String... words) {
        assertThatThrownBy(() -> await(Database.open(server.vertx(), url, SHORT)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(words)
                .message()
                .doesNotContain("wrong-secret")
                .doesNotContain(URI.create(server.url()).getUserInfo().replace("postgres:", ""));
    }

    private Future<?> ask() {
        return database.query("keys.required");
    }

    private void assertAnswersAgain() {
        Eventually.until(SOON, "it answers", () -> answers(database.ping(SOON)), answer -> answer);
    }

    private static boolean answers(Future<Void> ping) {
        return await(ping.transform(result -> Future.succeededFuture(result.succeeded())));
    }

    private static void assertUnavailable(Future<?> answer) {
        assertThatThrownBy(() -> await(answer)).isInstanceOf(DatabaseUnavailable.class);
    }

    private long locksOnJobs() {
        return number(
                "select count(*) from pg_locks where relation = 'jobs'::regclass"
                        + " and database = (select oid from pg_database where datname = current_database()) and mode = 'AccessExclusiveLock'");
    }

    private long sleepers() {
        return number("select count(*) from pg_stat_activity where datname = current_database()"
                + " and state = 'active' and query like 'select pg_sleep%'");
    }

    private long ofThisPool() {
        return number("select count(*) from pg_stat_activity where datname = current_database()"
                + " and pid <> pg_backend_pid() and query = 'select 1'");
    }

    private long number(String query) {
        Vertx vertx = server.vertx();
        return await(PgConnection.connect(vertx, server.url())
                .compose(connection -> connection
                        .query(query)
                        .execute()
                        .map(rows -> rows.iterator().next().getLong(0))
                        .eventually(connection::close)));
    }
}

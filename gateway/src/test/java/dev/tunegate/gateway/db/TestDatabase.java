package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;

/**
 * A fresh, migrated database with a clock that the test moves. All databases live on one real Postgres, started once
 * for the JVM.
 */
public final class TestDatabase implements AutoCloseable {
    private static final String TEMPLATE = "migrated";

    private final Vertx vertx = Vertx.vertx();
    private final String url;
    private final Database database;

    public TestDatabase() {
        this(newDatabase("template " + TEMPLATE));
    }

    private TestDatabase(String url) {
        this.url = url;
        database = await(Database.open(vertx, url));
    }

    /**
     * A database that an older gateway has left, migrated to today's schema. Its clock cannot be moved.
     *
     * @param version the last migration that the older gateway knew
     * @param data the statements that make up what it had
     */
    static TestDatabase migratedFrom(String version, String data) {
        String url = newDatabase("");
        URI uri = URI.create(url);
        String[] login = uri.getUserInfo().split(":", 2);
        Flyway.configure()
                .dataSource(
                        "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), login[0], login[1])
                .target(version)
                .load()
                .migrate();
        run(url, data);
        return new TestDatabase(url);
    }

    private static String newDatabase(String options) {
        String name = "test_" + Ids.random("", 12).toLowerCase(Locale.ROOT);
        run(Server.POSTGRES.url(), "create database " + name + " " + options);
        return Server.POSTGRES.url(name);
    }

    public Database database() {
        return database;
    }

    public Vertx vertx() {
        return vertx;
    }

    /** For a gateway that a test starts as a whole. */
    public String url() {
        return url;
    }

    /** Moves {@code tunegate_now()} ahead; leases run out without anyone sleeping. */
    public void advance(Duration time) {
        execute("update test_clock set ahead = ahead + make_interval(secs => " + time.toSeconds() + ")");
    }

    /** Runs statements, which may take longer than the gateway's own may. */
    public void execute(String sql) {
        await(PgConnection.connect(vertx, url)
                .compose(connection -> connection.query(sql).execute().eventually(connection::close)));
    }

    /** How many rows there are of what follows the word "from". */
    public long count(String from) {
        return await(database.pool().query("select count(*) as n from " + from).execute())
                .iterator()
                .next()
                .getLong("n");
    }

    /** Adds a job whose files wait to be checked. */
    public void insertJob(String id, String project, String model) {
        execute("""
                insert into jobs (id, project, model, base_model, training_file, method, hyperparameters, seed, caller,
                                  request_sha256)
                values ('%1$s', '%2$s', '%3$s', '%3$s', 'file-x', 'supervised', '{}', 1, 'c', 'x');
                insert into tasks (kind, subject, model) values ('validate', '%1$s', '%3$s')""".formatted(id, project, model));
    }

    @Override
    public void close() {
        await(database.close());
        await(vertx.close());
    }

    // Not in Server: lambdas of a class that is being initialized by one thread block every other thread.
    private static void migrateTemplate(EmbeddedDatabase postgres) {
        run(postgres.url(), "create database " + TEMPLATE);
        Vertx vertx = Vertx.vertx();
        await(await(Database.open(vertx, postgres.url(TEMPLATE))).close());
        await(vertx.close());
        run(postgres.url(TEMPLATE), """
                create table test_clock (ahead interval not null);
                insert into test_clock values (interval '0');
                create or replace function tunegate_now() returns timestamptz language sql stable
                    as 'select now() + ahead from public.test_clock';
                """);
    }

    private static void run(String url, String sql) {
        Vertx vertx = Vertx.vertx();
        await(PgConnection.connect(vertx, url)
                .compose(connection -> connection.query(sql).execute().eventually(connection::close)));
        await(vertx.close());
    }

    private static final class Server {
        static final EmbeddedDatabase POSTGRES = start();

        private static EmbeddedDatabase start() {
            try {
                Path directory = Files.createTempDirectory("tunegate-test-postgres");
                EmbeddedDatabase postgres = EmbeddedDatabase.start(directory, false);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(postgres, directory)));
                migrateTemplate(postgres);
                return postgres;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void stop(EmbeddedDatabase postgres, Path directory) {
            try {
                postgres.close();
                List<Path> paths;
                try (Stream<Path> walk = Files.walk(directory)) {
                    paths = walk.sorted(Comparator.reverseOrder()).toList();
                }
                for (Path path : paths) {
                    Files.delete(path);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

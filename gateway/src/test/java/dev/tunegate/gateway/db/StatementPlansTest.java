package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.json.JsonArray;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * No statement takes long because the tables have become large. Each is prepared once, as the pool does it, and tried so
 * often that Postgres has settled on a plan; the report {@code target/statement-times.txt} has the times.
 */
class StatementPlansTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** These stay small: a row for each project, key, worker of the last day, and job that an upstream is at now. */
    private static final Set<String> SMALL_TABLES =
            Set.of("project_usage", "api_keys", "workers", "forwardings", "installation", "test_clock");

    /** From its sixth execution on, Postgres may use one plan for all parameters. */
    private static final int UNTIL_SETTLED = 6;

    private static final int MEASURED = 5;

    /** The rows that a statement may look at, be it for an answer or in vain. A page of models is the most. */
    private static final int MOST_ROWS = 2_000;

    /** The aim is 2 ms, on a machine that does nothing else; the report says how near each is. */
    private static final Duration AIM = Duration.ofMillis(2);

    private static final Duration LONGEST = Duration.ofMillis(50);

    private static TestDatabase database;
    private static PgConnection connection;

    @BeforeAll
    static void load() throws IOException {
        database = new TestDatabase();
        connection = await(PgConnection.connect(database.vertx(), database.url()));
        run("begin");
        for (String statement : resource("/db/large-tables.sql").strip().split(";\n", -1)) { // each has time of its own
            run(statement);
        }
        run("commit");
        run("""
            analyze;
            create function job(n integer) returns text language sql immutable
                as $$ select 'ftjob-' || lpad(n::text, 24, '0') $$;
            create function task(n integer) returns bigint language sql stable
                as $$ select number from tasks where subject = job(n) and ended_at is null $$;
            create function blobs(m integer, n integer) returns text[] language sql immutable
                as $$ select array_agg('blob-' || i) from generate_series(m, n) as i $$;
            """);
    }

    @AfterAll
    static void close() {
        await(connection.close());
        database.close();
    }

    /** What one execution took, and the tables that it read from one end to the other. */
    private record Execution(Duration time, long rows, Set<String> scanned) {}

    private record Measured(String what, Duration median) {}

    @Test
    void everyStatementFindsItsRowsByAnIndex() throws IOException {
        Map<String, List<String>> samples = samples();
        assertThat(samples.keySet())
                .as("the names in db/statement-samples.txt, and those in sql/*.sql")
                .isEqualTo(statements());
        List<String> faults = new ArrayList<>();
        List<Measured> report = new ArrayList<>();
        samples.forEach((name, parameters) -> {
            run("prepare tried as " + Sql.get(name));
            for (int i = 0; i < UNTIL_SETTLED; i++) {
                parameters.forEach(StatementPlansTest::execute);
            }
            for (String some : parameters) {
                List<Execution> executions =
                        Stream.generate(() -> execute(some)).limit(MEASURED).toList();
                Execution last = executions.get(MEASURED - 1);
                Duration median = executions.stream()
                        .map(Execution::time)
                        .sorted()
                        .toList()
                        .get(MEASURED / 2);
                String what = name + " (" + some + ")";
                report.add(new Measured(what, median));
                if (!last.scanned().isEmpty()) {
                    faults.add(what + " reads all of " + last.scanned());
                }
                if (last.rows() > MOST_ROWS) {
                    faults.add(what + " looks at " + last.rows() + " rows");
                }
                if (median.compareTo(LONGEST) > 0) {
                    faults.add(what + " takes " + median.toMillis() + " ms");
                }
            }
            run("deallocate tried");
        });
        write(report);
        assertThat(faults).isEmpty();
    }

    /** Executes it in a transaction that is rolled back. */
    private static Execution execute(String parameters) {
        run("begin");
        try {
            String call = parameters.isEmpty() ? "tried" : "tried (" + parameters + ")";
            RowSet<Row> rows = run("explain (analyze, format json) execute " + call);
            JsonNode explained = JSON.readTree(((JsonArray) Objects.requireNonNull(
                                    rows.iterator().next().getValue(0)))
                            .encode())
                    .get(0);
            Set<String> scanned = new TreeSet<>();
            long looked = look(explained.path("Plan"), scanned);
            double millis = explained.path("Planning Time").asDouble()
                    + explained.path("Execution Time").asDouble();
            return new Execution(Duration.ofNanos((long) (millis * 1e6)), looked, scanned);
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            run("rollback");
        }
    }

    /** The rows that a plan's scans have looked at; notes the large tables that it has read as a whole. */
    private static long look(JsonNode plan, Set<String> scanned) {
        String table = plan.path("Relation Name").asText();
        if (plan.path("Node Type").asText().equals("Seq Scan") && !SMALL_TABLES.contains(table)) {
            scanned.add(table);
        }
        long rows = !table.isEmpty() && plan.path("Node Type").asText().endsWith("Scan")
                ? plan.path("Actual Loops").asLong()
                        * (plan.path("Actual Rows").asLong()
                                + plan.path("Rows Removed by Filter").asLong()
                                + plan.path("Rows Removed by Index Recheck").asLong())
                : 0;
        for (JsonNode child : plan.path("Plans")) {
            rows += look(child, scanned);
        }
        return rows;
    }

    private static Map<String, List<String>> samples() throws IOException {
        Map<String, List<String>> samples = new TreeMap<>();
        resource("/db/statement-samples.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split("\\s+", 2))
                .forEach(parts -> samples.computeIfAbsent(parts[0], name -> new ArrayList<>())
                        .add(parts.length == 1 ? "" : parts[1]));
        return samples;
    }

    private static Set<String> statements() throws IOException {
        Path directory = Path.of(
                URI.create(Objects.requireNonNull(Sql.class.getResource("/sql")).toString()));
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String prefix = file.getFileName().toString().replace(".sql", ".");
                Sql.parse(Files.readString(file)).keySet().forEach(name -> names.add(prefix + name));
            }
        }
        return names;
    }

    /** The slowest first. */
    private static void write(List<Measured> report) throws IOException {
        long above =
                report.stream().filter(one -> one.median().compareTo(AIM) > 0).count();
        String lines = report.stream()
                .sorted(Comparator.comparing(Measured::median).reversed())
                .map(one -> String.format(
                        Locale.ROOT, "%7.3f ms  %s%n", one.median().toNanos() / 1e6, one.what()))
                .collect(joining());
        Files.writeString(
                Path.of("target", "statement-times.txt"),
                above + " above " + AIM.toMillis() + " ms, planning and execution together\n" + lines);
    }

    private static RowSet<Row> run(String sql) {
        return await(connection.query(sql).execute());
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(StatementPlansTest.class.getResourceAsStream(name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}

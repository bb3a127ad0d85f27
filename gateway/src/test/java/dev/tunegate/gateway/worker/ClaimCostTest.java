package dev.tunegate.gateway.worker;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.db.Sql;
import dev.tunegate.gateway.db.TestDatabase;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.io.IOException;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a claim costs where 20,000 jobs of 60 projects are queued or done. */
class ClaimCostTest {
    private static final double MOST_MILLISECONDS = 2;

    private static TestDatabase database;

    @BeforeAll
    static void load() {
        database = new TestDatabase();
        // Without the triggers, which would take a minute; the rows are such as they leave behind.
        database.execute("""
                set session_replication_role = replica;
                insert into jobs (id, project, model, base_model, training_file, method, hyperparameters, seed, caller,
                                  request_sha256, status, started_at, finished_at, fine_tuned_model)
                select 'ftjob-' || lpad(n::text, 24, '0'), 'project ' || n % 60, 'm' || n % 3, 'm' || n % 3, 'file-x',
                       'supervised', '{}', 1, 'c', 'x', case when n % 2 = 0 then 'queued' else 'succeeded' end,
                       case when n % 2 = 1 then now() end, case when n % 2 = 1 then now() end,
                       case when n % 2 = 1 then 'ft' end
                from generate_series(1, 20000) as n;
                insert into tasks (kind, subject, project, model, state, attempt, queued_at, claimed_at, ended_at)
                select 'train', id, project, base_model, case when finished_at is null then 'waiting' else 'succeeded' end,
                       1, now() - random() * interval '1 day', now() - random() * interval '1 day', finished_at
                from jobs;
                insert into tasks (kind, subject, project, model, state, lease_owner, lease_until, attempt)
                select 'validate', 'leased ' || n, 'project ' || n % 60, 'm1', 'leased', 'w' || n, now(), 1
                from generate_series(1, 100) as n;
                set session_replication_role = default;
                analyze jobs, tasks""");
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @Test
    void aClaimReadsNoTableAndTakesLessThanTwoMilliseconds() throws IOException {
        String sql = Sql.get("tasks.claim")
                .replace("$1", "'w'")
                .replace("$2", "'train'")
                .replace("$3", "'{m0,m1,none}'");
        JsonNode plan = explain(sql);
        assertThat(plan.findValuesAsText("Node Type")).doesNotContain("Seq Scan");
        double[] milliseconds =
                DoubleStream.generate(() -> time(sql)).limit(30).sorted().toArray();
        assertThat(milliseconds[milliseconds.length / 4]) // the machine has other work, too
                .as("%s", (Object) milliseconds)
                .isLessThan(MOST_MILLISECONDS);
    }

    private static double time(String sql) {
        try {
            return explain(sql).path("Execution Time").asDouble();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Carries it out, and takes it back. */
    private static JsonNode explain(String sql) throws IOException {
        RowSet<Row> plan = await(database.database()
                        .pool()
                        .query("begin; explain (analyze, format json) " + sql + "; rollback")
                        .execute())
                .next();
        return new ObjectMapper()
                .readTree(plan.iterator().next().getValue(0).toString())
                .path(0);
    }
}

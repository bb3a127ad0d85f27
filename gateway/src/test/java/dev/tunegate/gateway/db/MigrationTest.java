package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.tasks.Task;
import dev.tunegate.gateway.tasks.TaskKind;
import dev.tunegate.gateway.tasks.TaskStore;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A data directory of version 0.1 opens with all that was going on in it. */
class MigrationTest {
    private TestDatabase database;

    @BeforeEach
    void migrateWhatAGatewayOf01Left() throws IOException {
        try (InputStream in = MigrationTest.class.getResourceAsStream("/db/data-of-0.1.sql")) {
            String data = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            database = TestDatabase.migratedFrom("8", data);
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void everyJobStandsAsItDid() {
        assertThat(rows("select status, count(*) as n from jobs group by status order by status"))
                .containsExactly(
                        "cancelled 1",
                        "failed 1",
                        "paused 3",
                        "queued 2",
                        "running 2",
                        "succeeded 1",
                        "validating_files 2");
    }

    @Test
    void whatIsToBeDoneForThemIsATaskWithItsWorkerAndItsAttempt() {
        assertThat(rows("""
                                select status, kind, state, attempt, tries, coalesce(lease_owner, 'nobody') as worker,
                                       coalesce(resume_step::text, 'start') as resumes
                                from tasks join jobs on jobs.id = subject
                                order by tasks.number"""))
                .containsExactly(
                        "succeeded train succeeded 2 0 nobody start",
                        "failed validate failed 1 1 nobody start",
                        "cancelled train cancelled 2 1 nobody start",
                        "paused train paused 2 0 nobody 4",
                        "paused train paused 2 0 old-worker-1 7",
                        "paused train paused 1 0 nobody start",
                        "running train leased 2 0 old-worker-1 3",
                        "queued train waiting 2 0 nobody 2",
                        "queued train waiting 1 0 nobody start",
                        "validating_files validate leased 1 1 old-worker-2 start",
                        "validating_files validate waiting 0 0 nobody start");
    }

    @Test
    void theNextWorkerGoesOnWithTheOldestFromItsResumeState() {
        Task task = await(database.database()
                .transaction(connection -> TaskStore.claim(
                                connection, "new-worker", TaskKind.TRAIN, new String[] {"tunegate-starter"})
                        .compose(claimed -> Database.query(
                                        connection,
                                        "jobs.start",
                                        claimed.orElseThrow().subject())
                                .map(claimed.get()))));
        assertThat(task.subject()).isEqualTo("ftjob-jIoNfaddzV5mj3o2VsMUmLo8");
        assertThat(task.attempt()).isEqualTo(3);
        assertThat(task.tries()).isZero();
    }

    @Test
    void aJobOfAnotherHostHasNone() {
        assertThat(rows("select status, upstream, (select count(*) from tasks where subject = id) as tasks"
                        + " from jobs where upstream is not null"))
                .containsExactly("running gpu-box 0");
    }

    @Test
    void theChecksOfJobsAndTasksHoldForAllOfThem() {
        // Deferred triggers look at rows that change: so each is written once more.
        database.execute("update jobs set status = status; update tasks set state = state");
    }

    private List<String> rows(String sql) {
        return StreamSupport.stream(
                        await(database.database().pool().query(sql).execute()).spliterator(), false)
                .map(MigrationTest::text)
                .toList();
    }

    private static String text(Row row) {
        StringBuilder text = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            text.append(column == 0 ? "" : " ").append(row.getValue(column));
        }
        return text.toString();
    }
}

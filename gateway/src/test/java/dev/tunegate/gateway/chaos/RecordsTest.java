package dev.tunegate.gateway.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.db.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each rule finds what breaks it, and nothing in rows that are as they should be. */
@Tag("chaos")
class RecordsTest {
    private static final String JOB = "ftjob-000000000000000000000001";
    private static final String OTHER = "ftjob-000000000000000000000002";

    private TestDatabase database;
    private Records records;

    @BeforeEach
    void makeTwoSucceededJobs() {
        database = new TestDatabase();
        Audit.install(database.database());
        records = new Records(database.database());
        for (String job : new String[] {JOB, OTHER}) {
            database.insertJob(job, "default", "m");
            database.execute("""
                    begin;
                    update jobs set metadata = '{"order": "%1$s", "recipe": "r", "steps": "2"}', last_seq = 4
                        where id = '%1$s';
                    update jobs set status = 'queued' where id = '%1$s';
                    update jobs set status = 'running', started_at = now() where id = '%1$s';
                    insert into job_blobs (id, project, job_id, bytes, sha256) values ('b%1$s', 'default', '%1$s', 1, 'x');
                    insert into models (id, project, job_id, base_model, adapter_blob)
                        values ('ft:%1$s', 'default', '%1$s', 'm', 'b%1$s');
                    update jobs set status = 'succeeded', finished_at = now(), fine_tuned_model = 'ft:%1$s'
                        where id = '%1$s';
                    update tasks set state = 'succeeded', ended_at = now() where subject = '%1$s';
                    insert into events (id, project, job_id, seq, level, type, message, data) values
                        ('1%1$s', 'default', '%1$s', 1, 'info', 'message', 'created', null),
                        ('2%1$s', 'default', '%1$s', 2, 'info', 'metrics', 'step', '{"step": 1, "train_loss": 2.5}'),
                        ('3%1$s', 'default', '%1$s', 3, 'info', 'metrics', 'step', '{"step": 2, "train_loss": 1.5}'),
                        ('4%1$s', 'default', '%1$s', 4, 'info', 'message', 'done', null);
                    commit""".formatted(job));
        }
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void rowsAsTheyShouldBeBreakNoRule() {
        assertThat(records.findings()).isEmpty();
        assertThat(records.bytes()).hasSize(2);
    }

    @Test
    void aMissingEventIsFound() {
        database.execute("delete from events where id = '4" + JOB + "'");
        assertFound("events are numbered without a gap", JOB);
    }

    @Test
    void anEventNumberThatNobodyGaveOutIsFound() {
        database.execute("update events set seq = 9 where id = '4" + JOB + "'");
        assertFound("events are numbered without a gap", JOB);
    }

    @Test
    void aMissingStepIsFound() {
        database.execute("update events set type = 'message' where id = '2" + JOB + "'");
        assertThat(records.findings())
                .hasSize(2)
                .anyMatch(finding -> finding.startsWith("steps come once each, in order: " + JOB))
                .anyMatch(finding -> finding.startsWith("a succeeded job has all its steps: " + JOB));
    }

    @Test
    void anotherLossAfterAnInterruptionIsFound() {
        database.execute("update events set data = '{\"step\": 2, \"train_loss\": 1.6}' where id = '3" + JOB + "'");
        assertFound("the same training comes to the same losses, whatever interrupts it", "r had at step 2");
    }

    @Test
    void aSecondJobOfOneOrderIsFound() {
        database.execute("update jobs set metadata = metadata || '{\"order\": \"" + JOB + "\"}'");
        assertFound("an order makes one job", JOB);
    }

    @Test
    void aSkippedStateIsFound() {
        database.execute("delete from seen_states where job_id = '" + JOB + "' and after = 'running'");
        assertFound("states follow each other as the API says", JOB + " went from running to succeeded");
    }

    @Test
    void aJobThatDoesNotEndOrFailsForNothingIsFound() {
        String third = "ftjob-000000000000000000000003";
        database.insertJob(third, "default", "m");
        database.execute("update jobs set metadata = '{\"order\": \"3\"}' where id = '" + third + "'");
        assertThat(records.findings())
                .anyMatch(finding -> finding.equals("a job ends: " + third + " is still validating_files"));
        database.execute("""
                begin;
                update jobs set status = 'failed', finished_at = now(), error = '{"code": "worker_lost"}'
                    where id = '%1$s';
                update tasks set state = 'failed', ended_at = now() where subject = '%1$s';
                commit""".formatted(third));
        assertThat(records.findings())
                .anyMatch(finding -> finding.startsWith(
                        "a job fails only for its workers, and only where they were lost: " + third));
    }

    @Test
    void anAdapterWithoutARowIsFound() {
        database.execute("delete from job_blobs where job_id = '" + JOB + "'");
        assertFound("a model's adapter has a row", "ft:" + JOB);
    }

    /** This and nothing else. */
    private void assertFound(String rule, String what) {
        assertThat(records.findings()).singleElement().asString().startsWith(rule + ": " + what);
    }
}

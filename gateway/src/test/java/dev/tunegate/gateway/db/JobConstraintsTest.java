package dev.tunegate.gateway.db;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The database itself keeps the job's states straight, whatever the gateway's code does. */
class JobConstraintsTest {
    private static TestDatabase database;

    @BeforeAll
    static void open() {
        database = new TestDatabase();
    }

    @AfterAll
    static void close() {
        database.close();
    }

    @BeforeEach
    void oneJob() {
        database.execute("delete from tasks; delete from jobs");
        database.insertJob("ftjob-000000000000000000000000", "p", "m");
    }

    @ParameterizedTest
    @CsvSource({
        "validating_files, queued",
        "validating_files, failed",
        "validating_files, cancelled",
        "queued, running",
        "queued, failed",
        "queued, cancelled",
        "queued, paused",
        "running, queued",
        "running, paused",
        "running, succeeded",
        "running, failed",
        "running, cancelled",
        "paused, queued",
        "paused, cancelled",
        "paused, failed",
    })
    void takesEveryStepOfTheStateMachine(String from, String to) {
        reach(from);
        assertThatCode(() -> move(to)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "validating_files, running",
        "validating_files, succeeded",
        "validating_files, paused",
        "queued, validating_files",
        "queued, succeeded",
        "running, validating_files",
        "paused, running",
        "paused, succeeded",
        "succeeded, queued",
        "succeeded, running",
        "succeeded, failed",
        "succeeded, cancelled",
        "failed, queued",
        "failed, cancelled",
        "failed, succeeded",
        "cancelled, queued",
        "cancelled, running",
        "cancelled, succeeded",
        "cancelled, failed",
    })
    void refusesEveryOther(String from, String to) {
        reach(from);
        assertThatThrownBy(() -> move(to)).hasMessageContaining("23514"); // check_violation
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "validating_files | finished_at = tunegate_now()",
                "validating_files | fine_tuned_model = 'ft:m'",
                "validating_files | error = '{}'",
                "validating_files | result_files = '{file-2}'",
                "running          | started_at = null",
                "running          | resume_step = 3",
                "running          | last_seq = last_seq - 1",
                "succeeded        | fine_tuned_model = 'ft:other'",
                "succeeded        | finished_at = finished_at + interval '1 s'",
                "succeeded        | result_files = '{file-3}'",
                "failed           | error = '{\"code\": \"other\"}'",
                "failed           | error = null",
                "cancelled        | finished_at = null",
                "running          | status = 'resting'",
            })
    void refusesRowsThatContradictThemselves(String state, String change) {
        reach(state);
        assertThatThrownBy(() -> database.execute("update jobs set " + change)).hasMessageContaining("23514");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "validating_files | lease_owner = 'w'",
                "queued           | lease_owner = 'w', lease_until = tunegate_now()",
                "queued           | result = '{}'",
                "queued           | state = 'succeeded'",
                "running          | lease_owner = null, lease_until = null",
                "running          | attempt = attempt - 1",
                "running          | kind = 'validate'",
                "running          | subject = 'ftjob-000000000000000000000001'",
                "paused           | lease_until = tunegate_now()",
                "succeeded        | state = 'failed'",
                "cancelled        | ended_at = ended_at + interval '1 s'",
            })
    void refusesTasksThatContradictThemselves(String state, String change) {
        reach(state);
        assertThatThrownBy(() -> database.execute(
                        "update tasks set %s where number = (select max(number) from tasks)".formatted(change)))
                .hasMessageContaining("23514");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "validating_files | delete from tasks; update jobs set status = 'queued'",
                "validating_files | update jobs set status = 'queued'",
                "queued           | update tasks set state = 'paused' where ended_at is null",
                "queued           | update jobs set status = 'running', started_at = tunegate_now()",
                "running          | update jobs set status = 'queued'",
                "running          | update tasks set state = 'waiting', lease_owner = null, lease_until = null"
                        + " where ended_at is null",
                "running          | update jobs set status = 'cancelled', finished_at = tunegate_now()",
                "paused           | update tasks set state = 'waiting' where ended_at is null",
                "cancelled        | insert into tasks (kind, subject, model) select 'train', id, 'm' from jobs",
            })
    void refusesJobsAndTasksThatContradictEachOther(String state, String change) {
        reach(state);
        assertThatThrownBy(() -> database.execute(change)).hasMessageContaining("23514");
    }

    @Test
    void refusesASecondOpenTaskOfOneSubject() {
        assertThatThrownBy(() -> database.execute("insert into tasks (kind, subject, model)"
                        + " values ('train', 'ftjob-000000000000000000000000', 'm')"))
                .hasMessageContaining("23505"); // unique_violation
    }

    @Test
    void refusesASecondEventOfTheSameNumber() {
        String event = "insert into events (id, project, job_id, seq, level, type, message)"
                + " values ('%s', 'p', 'ftjob-000000000000000000000000', 1, 'info', 'message', 'm')";
        database.execute("delete from events");
        database.execute(event.formatted("a"));
        assertThatThrownBy(() -> database.execute(event.formatted("b")))
                .hasMessageContaining("23505"); // unique_violation
        database.execute("delete from events");
    }

    private void reach(String status) {
        switch (status) {
            case "validating_files" -> {}
            case "queued" -> move("queued");
            case "running", "failed", "cancelled", "paused" -> {
                reach("queued");
                move(status);
            }
            case "succeeded" -> {
                reach("running");
                move(status);
            }
            default -> throw new IllegalArgumentException(status);
        }
    }

    /** Moves the job and its task in one transaction, as a simple query of several statements is. */
    private void move(String status) {
        database.execute(
                "update jobs set status = '%s', %s; %s".formatted(status, jobChange(status), taskChange(status)));
    }

    private static String jobChange(String status) {
        return switch (status) {
            case "running" -> "started_at = tunegate_now(), last_seq = 1";
            case "succeeded" -> "finished_at = tunegate_now(), fine_tuned_model = 'ft:m', result_files = '{file-2}'";
            case "failed" ->
                "finished_at = tunegate_now(), error = '{\"code\": \"c\"}', fine_tuned_model = null, result_files = '{}'";
            case "cancelled" ->
                "finished_at = tunegate_now(), error = null, fine_tuned_model = null, result_files = '{}'";
            case "validating_files", "queued", "paused" ->
                "finished_at = null, fine_tuned_model = null, error = null, result_files = '{}'";
            default -> throw new IllegalArgumentException(status);
        };
    }

    private static String taskChange(String status) {
        String open = "update tasks set state = '%s', %s where ended_at is null";
        String unleased = "lease_owner = null, lease_until = null";
        return switch (status) {
            case "running" -> open.formatted("leased", "attempt = 1, lease_owner = 'w', lease_until = tunegate_now()");
            case "succeeded", "failed", "cancelled" -> open.formatted(status, "ended_at = tunegate_now(), " + unleased);
            case "validating_files" -> open.formatted("waiting", unleased);
            case "queued" -> """
                update tasks set state = 'succeeded', ended_at = tunegate_now() where kind = 'validate' and ended_at is null;
                insert into tasks (kind, subject, model)
                    select 'train', id, 'm' from jobs where not exists (select from tasks where kind = 'train');
                """ + open.formatted("waiting", unleased);
            case "paused" -> open.formatted("paused", unleased);
            default -> throw new IllegalArgumentException(status);
        };
    }
}

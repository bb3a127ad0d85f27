package dev.tunegate.gateway.worker;

import static dev.tunegate.gateway.TestWorker.directive;
import static dev.tunegate.gateway.TestWorker.message;
import static dev.tunegate.gateway.TestWorker.metrics;
import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.TestWorker.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens when workers are lost; the database's clock is moved, nobody waits. */
class LeaseTest {
    private static final Duration LEASE = Duration.ofSeconds(60);

    private TestGateway gateway;
    private Leases leases;
    private TestWorker lost;
    private TestWorker other;
    private JobClient jobs;

    @BeforeEach
    void start(@TempDir Path directory) {
        gateway = new TestGateway(directory);
        leases = new Leases(gateway.database().database());
        lost = gateway.worker("lost", "base");
        other = gateway.worker("other", "base");
        jobs = new JobClient(gateway.client());
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void anExpiredLeaseSendsTheJobToAnotherWorkerThatGoesOnFromTheResumeState() {
        String job = jobs.create("base");
        lost.validate();
        Task first = lost.mustClaim("train");
        lost.progress(first, 1, metrics(1, 0.9), metrics(2, 0.8), metrics(3, 0.7));
        lost.commit(first, 2, lost.upload(first, "resume 2"), null);
        expire();
        assertThat(jobs.status(job)).isEqualTo("queued");

        Task second = other.mustClaim("train");
        assertThat(second.attempt()).isEqualTo(first.attempt() + 1);
        assertThat(second.json().at("/resume/step").asInt()).isEqualTo(2);
        assertThat(other.readBlob(second, second.json().at("/resume/blob_id").asText())
                        .body())
                .isEqualTo("resume 2");
        // Step 3 is trained again; clients have seen it.
        other.progress(second, 1, metrics(3, 0.71), metrics(4, 0.6));
        List<JsonNode> events = jobs.events(job);
        assertThat(events)
                .filteredOn(event -> event.path("type").asText().equals("metrics"))
                .extracting(event -> event.at("/data/step").asInt())
                .containsExactly(1, 2, 3, 4);
        assertThat(jobs.messages(job))
                .filteredOn("Fine-tuning job started"::equals)
                .hasSize(1);
        assertThat(jobs.messages(job)).contains("The worker stopped answering; the job goes on from step 2");
        assertThat(other.succeed(second).status()).isEqualTo(200);
    }

    @Test
    void aStaleAttemptIsToldToStopAndChangesNothing() {
        String job = jobs.create("base");
        lost.validate();
        Task first = lost.mustClaim("train");
        String blob = lost.upload(first, "mine");
        expire();
        Task second = other.mustClaim("train");
        List<String> before = jobs.messages(job);
        JsonNode state = jobs.get(job);
        for (Answer answer : List.of(
                lost.progress(first, 1, message("still here")),
                lost.tryUpload(first, "late"),
                lost.commit(first, 1, blob, blob),
                lost.finish(first, "stopped"),
                lost.fail(first, "x", "x"),
                lost.readBlob(first, blob))) {
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.error("code")).isEqualTo("stale_attempt");
        }
        assertThat(jobs.messages(job)).isEqualTo(before);
        assertThat(jobs.get(job)).isEqualTo(state);
        assertThat(directive(other.progress(second, 1))).isEqualTo("continue");
    }

    @Test
    void everyReportRenewsTheLease() {
        String job = jobs.create("base");
        lost.validate();
        Task task = lost.mustClaim("train");
        for (int i = 0; i < 3; i++) {
            gateway.database().advance(Duration.ofSeconds(45));
            assertThat(directive(lost.progress(task, 1))).isEqualTo("continue");
            await(leases.endExpired());
            assertThat(jobs.status(job)).isEqualTo("running");
        }
    }

    @Test
    void aWorkerThatReportsLateButBeforeAnybodyNoticedGoesOn() {
        String job = jobs.create("base");
        lost.validate();
        Task task = lost.mustClaim("train");
        gateway.database()
                .execute("update tasks set lease_until = tunegate_now() where lease_owner is not null and subject = '"
                        + job + "'");
        // Housekeeping may have been faster; either way exactly one of the two holds.
        int status = lost.progress(task, 1).status();
        assertThat(jobs.status(job)).isEqualTo(status == 200 ? "running" : "queued");
    }

    @Test
    void threeLostWorkersWithoutProgressFailTheJob() {
        String job = jobs.create("base");
        other.validate();
        for (int i = 1; i <= 3; i++) {
            assertThat(jobs.status(job)).isEqualTo("queued");
            lost.progress(lost.mustClaim("train"), 1);
            expire();
        }
        JsonNode failed = jobs.get(job);
        assertThat(failed.path("status").asText()).isEqualTo("failed");
        assertThat(failed.at("/error/code").asText()).isEqualTo("worker_lost");
        assertThat(failed.at("/error/message").asText())
                .startsWith("The job failed because its worker stopped answering 3 times");
        assertThat(jobs.events(job))
                .last()
                .satisfies(event -> assertThat(event.path("level").asText()).isEqualTo("error"));
        assertThat(lost.claim("train")).isEmpty();
    }

    /** The answers to their claims went into dead connections. */
    @Test
    void workersThatWereNeverHeardOfAreNoTries() {
        String job = jobs.create("base");
        for (int i = 1; i <= 5; i++) {
            lost.mustClaim("validate");
            expire();
        }
        other.validate();
        for (int i = 1; i <= 5; i++) {
            lost.mustClaim("train");
            expire();
        }
        assertThat(jobs.status(job)).isEqualTo("queued");
        assertThat(jobs.messages(job))
                .contains("The worker that was given the job was never heard of; the job starts again");
        assertThat(other.succeed(other.mustClaim("train")).status()).isEqualTo(200);
    }

    @Test
    void whateverAWorkerSaysOfItsAttemptMakesItATry() {
        String job = jobs.create("base");
        String file = jobs.get(job).path("training_file").asText();
        other.validate();
        lost.readFile(lost.mustClaim("train"), file);
        expire();
        lost.upload(lost.mustClaim("train"), "bytes");
        expire();
        lost.mustClaim("train");
        expire(); // no try, but the two before stay
        lost.progress(lost.mustClaim("train"), 1);
        expire();
        assertThat(jobs.status(job)).isEqualTo("failed");
    }

    @Test
    void gettingFurtherGivesTheJobItsTriesBack() {
        String job = jobs.create("base");
        other.validate();
        for (int step = 1; step <= 5; step++) {
            Task task = lost.mustClaim("train");
            lost.commit(task, step, lost.upload(task, "r"), null);
            expire();
        }
        assertThat(jobs.status(job)).isEqualTo("queued");
    }

    @Test
    void aLostCheckOfFilesIsDoneAgain() {
        String job = jobs.create("base");
        Task first = lost.mustClaim("validate");
        assertThat(other.claim("validate")).isEmpty();
        expire();
        assertThat(jobs.status(job)).isEqualTo("validating_files");
        Task second = other.mustClaim("validate");
        assertThat(lost.finish(first, "validated").status()).isEqualTo(409);
        assertThat(other.finish(second, "validated").status()).isEqualTo(200);
        assertThat(jobs.status(job)).isEqualTo("queued");
    }

    @Test
    void aWorkerKnownToBeDeadLosesItsJobsAtOnce() {
        String job = jobs.create("base");
        other.validate();
        lost.mustClaim("train");
        String kept = jobs.create("base");
        other.validate();
        other.mustClaim("train");
        await(leases.release("lost"));
        assertThat(jobs.status(job)).isEqualTo("queued");
        assertThat(jobs.status(kept)).isEqualTo("running");
        assertThat(other.mustClaim("train").job()).isEqualTo(job);
    }

    @Test
    void aModelIsKnownAsLongAsAWorkerThatHasItIsHeardOf() {
        String file = jobs.uploadFile();
        gateway.database().advance(Duration.ofSeconds(89));
        assertThat(jobs.tryCreate(JobClient.request("base", file)).status()).isEqualTo(200);
        gateway.database().advance(Duration.ofSeconds(2));
        assertThat(jobs.tryCreate(JobClient.request("base", file)).error("code"))
                .isEqualTo("model_not_available");
        other.claim("train");
        assertThat(jobs.tryCreate(JobClient.request("base", file)).status()).isEqualTo(200);
    }

    private void expire() {
        gateway.database().advance(LEASE.plusSeconds(1));
        await(leases.endExpired());
    }
}

package dev.tunegate.gateway.worker;

import static dev.tunegate.gateway.TestWorker.directive;
import static dev.tunegate.gateway.TestWorker.metrics;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.TestWorker.Task;
import dev.tunegate.gateway.db.Await;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Jobs that rest for a while, whatever their workers do at the time. */
class PauseTest extends OneWorkerFixture {
    @Test
    void aQueuedJobWaitsUntilItIsResumed() {
        String job = jobs.create("base");
        worker.validate();
        assertStatus(jobs.pause(job), "paused");
        assertThat(jobs.status(job)).isEqualTo("paused");
        assertThat(worker.claim("train")).isEmpty();
        assertStatus(jobs.resume(job), "queued");
        assertThat(worker.mustClaim("train").job()).isEqualTo(job);
        assertThat(jobs.messages(job))
                .endsWith("Fine-tuning job paused", "Fine-tuning job resumed", "Fine-tuning job started");
    }

    @Test
    void aRunningJobsWorkerBringsItsStateHomeAndAnotherGoesOnWithIt() {
        TestWorker other = gateway.worker("other", "base");
        String job = jobs.create("base");
        Task task = run(job);
        assertStatus(jobs.pause(job), "paused");

        assertThat(directive(worker.progress(task, 2, metrics(2, 0.4)))).isEqualTo("pause");
        String blob = worker.upload(task, "resume 2");
        assertThat(directive(worker.commit(task, 2, blob, null))).isEqualTo("pause");
        assertThat(directive(worker.finish(task, "stopped"))).isEqualTo("pause");
        assertThat(directive(worker.finish(task, "stopped"))).isEqualTo("pause");

        assertThat(worker.claim("train")).isEmpty();
        assertThat(jobs.status(job)).isEqualTo("paused");
        assertThat(jobs.get(job).path("estimated_finish").isNull()).isTrue();
        assertStatus(jobs.resume(job), "queued");
        Task rest = other.mustClaim("train");
        assertThat(rest.json().at("/resume/step").asInt()).isEqualTo(2);
        assertThat(other.readBlob(rest, blob).body()).isEqualTo("resume 2");
        other.progress(rest, 1, metrics(3, 0.3));
        assertThat(jobs.messages(job))
                .containsSubsequence(
                        "Step 1/4: training loss=0.5",
                        "Fine-tuning job paused",
                        "Step 2/4: training loss=0.4",
                        "Fine-tuning job resumed",
                        "Step 3/4: training loss=0.3")
                .containsOnlyOnce("Fine-tuning job started");
    }

    @Test
    void aJobResumedBeforeItsWorkerHasSavedGoesOnFromTheStateBefore() {
        String job = jobs.create("base");
        Task task = run(job);
        worker.commit(task, 1, worker.upload(task, "resume 1"), null);
        jobs.pause(job);
        jobs.resume(job);
        assertThat(worker.tryUpload(task, "resume 2").status()).isEqualTo(409);
        assertThat(worker.progress(task, 2).status()).isEqualTo(409);
        assertThat(worker.mustClaim("train").json().at("/resume/step").asInt()).isEqualTo(1);
    }

    @Test
    void aPausedJobOutlivesItsWorker() {
        String job = jobs.create("base");
        Task task = run(job);
        worker.commit(task, 1, worker.upload(task, "resume 1"), null);
        for (int i = 0; i < 3; i++) {
            jobs.pause(job);
            gateway.database().advance(Duration.ofSeconds(61));
            Await.await(new Leases(gateway.database().database()).endExpired());
            assertThat(jobs.status(job)).isEqualTo("paused");
            jobs.resume(job);
            worker.mustClaim("train");
        }
        assertThat(jobs.messages(job))
                .contains("The worker stopped answering; once resumed, the job goes on from step 1");
    }

    @Test
    void aTrainingThatCameToItsEndMeanwhileEndsWhenItIsResumed() {
        String job = jobs.create("base");
        Task task = run(job);
        worker.checkpoint(task, 4);
        jobs.pause(job);
        assertThat(directive(worker.succeed(task))).isEqualTo("pause");
        assertThat(jobs.status(job)).isEqualTo("paused");
        jobs.resume(job);
        Task rest = worker.mustClaim("train");
        assertThat(rest.json().at("/resume/step").asInt()).isEqualTo(4);
        assertThat(worker.succeed(rest).status()).isEqualTo(200);
        assertThat(jobs.status(job)).isEqualTo("succeeded");
    }

    @Test
    void aTrainingThatFailsMeanwhileHasFailed() {
        String job = jobs.create("base");
        Task task = run(job);
        jobs.pause(job);
        worker.fail(task, "non_finite_loss", "The training diverged");
        assertThat(jobs.status(job)).isEqualTo("failed");
    }

    @Test
    void aPausedJobCanBeCancelled() {
        String job = jobs.create("base");
        Task task = run(job);
        jobs.pause(job);
        assertStatus(jobs.cancel(job), "cancelled");
        assertThat(directive(worker.progress(task, 2))).isEqualTo("cancel");
        assertRefused(jobs.resume(job), "Job " + job + " has already been cancelled and cannot be resumed.");
    }

    @Test
    void pausingTwiceIsPausingOnce() {
        String job = jobs.create("base");
        worker.validate();
        jobs.pause(job);
        assertStatus(jobs.pause(job), "paused");
        assertThat(jobs.messages(job)).containsOnlyOnce("Fine-tuning job paused");
    }

    @Test
    void aRepeatedResumeThatTheSdkAnnouncesFindsTheJobGoingOn() {
        String job = jobs.create("base");
        worker.validate();
        jobs.pause(job);
        jobs.resume(job);
        assertRefused(jobs.resume(job), "Job " + job + " is queued, not paused, and cannot be resumed.");
        Answer retry = gateway.client()
                .send(
                        "POST",
                        "/v1/fine_tuning/jobs/" + job + "/resume",
                        null,
                        BodyPublishers.noBody(),
                        "x-stainless-retry-count",
                        "1");
        assertStatus(retry, "queued");
    }

    @Test
    void refusesWhatCannotRest() {
        String job = jobs.create("base");
        assertRefused(
                jobs.pause(job),
                "Job " + job + " cannot be paused while its files are being checked. Try again once it is queued.");
        worker.fail(worker.mustClaim("validate"), "invalid_n_examples", "too few");
        assertRefused(jobs.pause(job), "Job " + job + " has already failed and cannot be paused.");
        Answer unknown = jobs.pause("ftjob-nobody");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.error("code")).isEqualTo("fine_tune_not_found");
    }

    /** Validated, claimed, and one step done. */
    private Task run(String job) {
        worker.validate();
        Task task = worker.mustClaim("train");
        assertThat(task.job()).isEqualTo(job);
        worker.progress(task, 1, metrics(1, 0.5));
        return task;
    }

    private static void assertStatus(Answer answer, String status) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("status").asText()).isEqualTo(status);
    }

    private static void assertRefused(Answer answer, String message) {
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo(message);
    }
}

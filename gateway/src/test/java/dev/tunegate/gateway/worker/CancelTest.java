package dev.tunegate.gateway.worker;

import static dev.tunegate.gateway.TestWorker.directive;
import static dev.tunegate.gateway.TestWorker.metrics;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.TestWorker.Task;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Jobs that their clients cancel, whatever their workers do at the time. */
class CancelTest extends OneWorkerFixture {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aWaitingJobIsCancelledAtOnce() {
        String job = jobs.create("base");
        Answer answer = jobs.cancel(job);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("status").asText()).isEqualTo("cancelled");
        assertThat(answer.json().path("finished_at").isNull()).isTrue();
        assertThat(answer.json().path("result_files")).isEmpty();
        assertThat(worker.claim("validate")).isEmpty();
        Answer again = jobs.cancel(job);
        assertThat(again.status()).isEqualTo(400);
        assertThat(again.error("message")).contains("has already been cancelled");
    }

    @Test
    void aRunningJobsWorkerIsToldToCancel() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        worker.progress(task, 1, metrics(1, 0.5));
        jobs.cancel(job);
        List<String> events = jobs.messages(job);
        assertThat(directive(worker.progress(task, 2, metrics(2, 0.4)))).isEqualTo("cancel");
        assertThat(worker.tryUpload(task, "late").status()).isEqualTo(409);
        assertThat(directive(worker.finish(task, "stopped"))).isEqualTo("cancel");
        assertThat(jobs.messages(job)).isEqualTo(events);
        assertThat(jobs.status(job)).isEqualTo("cancelled");
    }

    @Test
    void cancelAndSuccessAtTheSameTimeEndInOneOfThem() {
        for (int round = 0; round < 5; round++) {
            String job = jobs.create("base");
            worker.validate();
            Task task = worker.mustClaim("train");
            CompletableFuture<Answer> cancel = CompletableFuture.supplyAsync(() -> jobs.cancel(job));
            CompletableFuture<Answer> success = CompletableFuture.supplyAsync(() -> worker.finish(
                    task, JSON.createObjectNode().put("outcome", "succeeded").put("adapter_blob", upload(task))));
            boolean cancelled = cancel.join().status() == 200;
            success.handle((answer, failure) -> answer).join();
            assertThat(jobs.status(job)).isEqualTo(cancelled ? "cancelled" : "succeeded");
            assertThat(jobs.messages(job).contains("The job has successfully completed"))
                    .isEqualTo(!cancelled);
        }
    }

    @Test
    void aRepeatedCancelThatTheSdkAnnouncesFindsTheJobCancelled() {
        String job = jobs.create("base");
        jobs.cancel(job);
        Answer retry = gateway.client()
                .send(
                        "POST",
                        "/v1/fine_tuning/jobs/" + job + "/cancel",
                        null,
                        BodyPublishers.noBody(),
                        "x-stainless-retry-count",
                        "1");
        assertThat(retry.status()).isEqualTo(200);
        assertThat(retry.json().path("status").asText()).isEqualTo("cancelled");
    }

    @Test
    void aJobThatHasEndedOtherwiseStaysAsItIs() {
        String job = jobs.create("base");
        worker.fail(worker.mustClaim("validate"), "invalid_n_examples", "too few");
        Answer answer = jobs.cancel(job);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo("Job " + job + " has already failed and cannot be cancelled.");
        assertThat(jobs.status(job)).isEqualTo("failed");
    }

    private String upload(Task task) {
        return worker.tryUpload(task, "adapter").json().path("blob_id").asText("none");
    }
}

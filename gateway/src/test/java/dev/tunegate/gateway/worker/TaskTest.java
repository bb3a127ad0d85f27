package dev.tunegate.gateway.worker;

import static dev.tunegate.gateway.TestWorker.directive;
import static dev.tunegate.gateway.TestWorker.message;
import static dev.tunegate.gateway.TestWorker.metrics;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestWorker.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A task from its claim to its outcome, as one worker lives it. */
class TaskTest extends OneWorkerFixture {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aJobGoesItsWholeWay() {
        String job = jobs.create(JobClient.request("base", jobs.uploadFile())
                .put("suffix", "my suffix")
                .put("seed", 3));
        Task validation = worker.mustClaim("validate");
        assertThat(jobs.status(job)).isEqualTo("validating_files");
        assertThat(worker.finish(validation, "validated").status()).isEqualTo(200);
        assertThat(jobs.status(job)).isEqualTo("queued");

        Task task = worker.mustClaim("train");
        assertThat(jobs.status(job)).isEqualTo("running");
        JsonNode spec = task.json().path("job");
        assertThat(spec.path("model").asText()).isEqualTo("base");
        assertThat(spec.path("seed").asInt()).isEqualTo(3);
        assertThat(spec.path("n_checkpoints").asInt()).isEqualTo(3);
        assertThat(task.json().path("resume").isNull()).isTrue();
        assertThat(worker.readFile(task, spec.path("training_file").asText()).body())
                .isEqualTo("{\"messages\":[]}\n");

        ObjectNode numbers =
                JSON.createObjectNode().put("attempt", task.attempt()).put("first_seq", 1);
        numbers.putArray("events").add(metrics(1, 0.5)).add(metrics(2, 0.25));
        numbers.putObject("hyperparameters")
                .put("n_epochs", 3)
                .put("batch_size", 1)
                .put("learning_rate_multiplier", 1.5);
        numbers.put("trained_tokens", 600).put("remaining_seconds", 30);
        assertThat(directive(worker.post(task, "/progress", numbers))).isEqualTo("continue");
        JsonNode running = jobs.get(job);
        assertThat(running.path("hyperparameters"))
                .hasToString("{\"n_epochs\":3,\"batch_size\":1,\"learning_rate_multiplier\":1.5}");
        assertThat(running.at("/method/supervised/hyperparameters")).isEqualTo(running.path("hyperparameters"));
        assertThat(running.path("estimated_finish").asLong())
                .isBetween(
                        running.path("created_at").asLong() + 30,
                        running.path("created_at").asLong() + 60);
        assertThat(running.path("trained_tokens").isNull()).isTrue();

        worker.checkpoint(task, 2);
        assertThat(worker.succeed(task).status()).isEqualTo(200);
        JsonNode done = jobs.get(job);
        String model = done.path("fine_tuned_model").asText();
        assertThat(model).matches("ft:base:default:my-suffix:[A-Za-z0-9]{8}");
        assertThat(done.path("status").asText()).isEqualTo("succeeded");
        assertThat(done.path("trained_tokens").asInt()).isEqualTo(1234);
        assertThat(done.path("finished_at").asLong())
                .isGreaterThanOrEqualTo(done.path("created_at").asLong());
        assertThat(done.path("estimated_finish").isNull()).isTrue();

        List<JsonNode> events = jobs.events(job);
        String snapshot = "ft:base:default:my-suffix:[A-Za-z0-9]{8}:ckpt-step-2";
        assertThat(events.stream().map(event -> event.path("message").asText()))
                .satisfiesExactly(
                        text -> assertThat(text).isEqualTo("Created fine-tuning job: " + job),
                        text -> assertThat(text).startsWith("Validating training file: file-"),
                        text -> assertThat(text).isEqualTo("Files validated, moving job to queued state"),
                        text -> assertThat(text).isEqualTo("Fine-tuning job started"),
                        text -> assertThat(text).isEqualTo("Step 1/4: training loss=0.5"),
                        text -> assertThat(text).isEqualTo("Step 2/4: training loss=0.25"),
                        text -> assertThat(text).matches("Checkpoint created at step 2 with Snapshot ID: " + snapshot),
                        text -> assertThat(text).isEqualTo("New fine-tuned model created: " + model),
                        text -> assertThat(text).isEqualTo("The job has successfully completed"));
        assertThat(events.get(3).path("data").isNull()).isTrue();
        assertThat(events.get(4).path("type").asText()).isEqualTo("metrics");
        assertThat(events.get(4).at("/data/train_loss").asDouble()).isEqualTo(0.5);
        assertThat(events.get(8).path("data")).hasToString("{}");

        String result = done.at("/result_files/0").asText();
        assertThat(gateway.client()
                        .get("/v1/files/" + result)
                        .json()
                        .path("purpose")
                        .asText())
                .isEqualTo("fine-tune-results");
        assertThat(gateway.client().get("/v1/files/" + result + "/content").body())
                .isEqualTo("step,train_loss\n");
        assertThat(jobs.checkpoints(job)).singleElement().satisfies(checkpoint -> {
            assertThat(checkpoint.path("fine_tuned_model_checkpoint").asText()).isEqualTo(model);
            assertThat(checkpoint.path("metrics")).hasToString("{\"step\":2,\"train_loss\":0.5}");
        });
        assertThat(worker.client().get("/worker/v1/models/" + model).body())
                .isEqualTo("{\"id\":\"" + model + "\",\"base_model\":\"base\"}");
        assertThat(worker.client()
                        .get("/worker/v1/models/" + model + "/adapter")
                        .body())
                .isEqualTo("final adapter");
    }

    @Test
    void aBatchSentAgainAddsNothing() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        worker.progress(task, 1, metrics(1, 0.5), message("halfway"));
        List<String> once = jobs.messages(job);
        assertThat(directive(worker.progress(task, 1, metrics(1, 0.5), message("halfway"))))
                .isEqualTo("continue");
        assertThat(jobs.messages(job)).isEqualTo(once);
        worker.progress(task, 2, message("halfway"), metrics(2, 0.4));
        assertThat(jobs.messages(job)).hasSize(once.size() + 1).endsWith("Step 2/4: training loss=0.4");
    }

    @Test
    void aBatchThatLeavesEventsOutIsRefused() {
        jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        Answer answer = worker.progress(task, 3, message("third"));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message"))
                .isEqualTo("invalid first_seq: 3, the next event of this attempt is number 1");
    }

    @Test
    void theSameBatchManyTimesAtOnceIsTakenOnce() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        int before = jobs.messages(job).size();
        List<CompletableFuture<Answer>> reports = Stream.generate(() -> CompletableFuture.supplyAsync(
                        () -> worker.progress(task, 1, metrics(1, 0.5), message("one"), message("two"))))
                .limit(6)
                .toList();
        reports.forEach(report -> assertThat(report.join().status()).isEqualTo(200));
        assertThat(jobs.messages(job)).hasSize(before + 3);
    }

    @Test
    void keepsTheLastThreeCheckpointsAndRemovesTheOthersBytes() throws IOException {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        for (int step = 1; step <= 5; step++) {
            worker.checkpoint(task, step);
        }
        List<JsonNode> kept = jobs.checkpoints(job);
        assertThat(kept)
                .extracting(checkpoint -> checkpoint.path("step_number").asInt())
                .containsExactly(5, 4, 3);
        String snapshot = jobs.messages(job).get(4).replaceAll(".*Snapshot ID: ", "");
        assertThat(snapshot).endsWith(":ckpt-step-1");
        assertThat(worker.client().get("/worker/v1/models/" + snapshot).status())
                .isEqualTo(404);
        String name = kept.get(2).path("fine_tuned_model_checkpoint").asText();
        assertThat(worker.client().get("/worker/v1/models/" + name + "/adapter").body())
                .isEqualTo("adapter 3");
        // The training file, three adapters and the last resume state.
        Eventually.is(this::blobs, 5L);
    }

    @Test
    void theSameCheckpointAgainReplacesNothing() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        String resume = worker.upload(task, "r");
        String adapter = worker.upload(task, "a");
        worker.commit(task, 2, resume, adapter);
        List<JsonNode> once = jobs.checkpoints(job);
        assertThat(worker.commit(task, 2, resume, adapter).status()).isEqualTo(200);
        assertThat(jobs.checkpoints(job)).isEqualTo(once);
        assertThat(jobs.messages(job)).hasSize(5);
    }

    @Test
    void anEndedJobLeavesNoBytesButItsResults() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        worker.upload(task, "never committed");
        worker.checkpoint(task, 1);
        worker.succeed(task);
        assertThat(jobs.status(job)).isEqualTo("succeeded");
        // The training file, the checkpoint's adapter, the final adapter and the metrics.
        Eventually.is(this::blobs, 4L);
    }

    @Test
    void aJobsBlobsAreItsOwn() {
        jobs.create("base");
        jobs.create("base");
        worker.validate();
        worker.validate();
        Task first = worker.mustClaim("train");
        Task second = worker.mustClaim("train");
        String blob = worker.upload(first, "mine");
        assertThat(worker.readBlob(first, blob).body()).isEqualTo("mine");
        assertThat(worker.readBlob(second, blob).status()).isEqualTo(400);
        assertThat(worker.commit(second, 1, blob, blob).status()).isEqualTo(400);
        assertThat(worker.readFile(second, "file-none").status()).isEqualTo(404);
    }

    @Test
    void faultyDataFailsTheJobWithItsReason() {
        String job = jobs.create("base");
        Task task = worker.mustClaim("validate");
        String why = "The job failed due to an invalid training file. Invalid file format. Example 3, message 2 is bad";
        assertThat(worker.fail(task, "invalid_training_file", why).status()).isEqualTo(200);
        JsonNode failed = jobs.get(job);
        assertThat(failed.path("status").asText()).isEqualTo("failed");
        assertThat(failed.path("error"))
                .hasToString(
                        "{\"code\":\"invalid_training_file\",\"message\":\"" + why + "\",\"param\":\"training_file\"}");
        assertThat(failed.path("finished_at").isNull()).isTrue();
        JsonNode last = jobs.events(job).get(2);
        assertThat(last.path("level").asText()).isEqualTo("error");
        assertThat(last.path("message").asText()).isEqualTo(why);
        // Said again, it changes nothing; a different outcome comes too late.
        assertThat(worker.fail(task, "other", "other").status()).isEqualTo(200);
        assertThat(jobs.get(job).at("/error/code").asText()).isEqualTo("invalid_training_file");
        assertThat(worker.finish(task, "validated").status()).isEqualTo(409);
    }

    @Test
    void theSuccessAgainChangesNothing() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        ObjectNode body =
                JSON.createObjectNode().put("outcome", "succeeded").put("adapter_blob", worker.upload(task, "adapter"));
        assertThat(worker.finish(task, body).status()).isEqualTo(200);
        JsonNode once = jobs.get(job);
        assertThat(directive(worker.finish(task, body))).isEqualTo("continue");
        assertThat(jobs.get(job)).isEqualTo(once);
    }

    @Test
    void aWorkerThatStopsOfItselfHandsItsJobToTheNext() {
        String job = jobs.create("base");
        worker.validate();
        Task task = worker.mustClaim("train");
        worker.checkpoint(task, 2);
        assertThat(directive(worker.finish(task, "stopped"))).isEqualTo("continue");
        assertThat(jobs.status(job)).isEqualTo("queued");
        Task next = worker.mustClaim("train");
        assertThat(next.attempt()).isEqualTo(task.attempt() + 1);
        assertThat(next.json().at("/resume/step").asInt()).isEqualTo(2);
        assertThat(worker.readBlob(next, next.json().at("/resume/blob_id").asText())
                        .body())
                .isEqualTo("resume 2");
        assertThat(jobs.messages(job))
                .filteredOn("Fine-tuning job started"::equals)
                .hasSize(1);
    }

    @Test
    void theTimesOfAllAttemptsAddUpInTheJob() {
        String job = jobs.create("base");
        worker.validate();
        assertThat(jobs.get(job).has("tunegate")).isFalse();
        ObjectNode stopped = JSON.createObjectNode().put("outcome", "stopped");
        stopped.set("timings", timings(1, 2, 0.5, 0));
        assertThat(worker.finish(worker.mustClaim("train"), stopped).status()).isEqualTo(200);
        Task last = worker.mustClaim("train");
        ObjectNode succeeded =
                JSON.createObjectNode().put("outcome", "succeeded").put("adapter_blob", worker.upload(last, "adapter"));
        succeeded.set("timings", timings(10.25, 20, 5, 3));
        worker.finish(last, succeeded);
        worker.finish(last, succeeded); // said again, it is counted once
        assertThat(jobs.get(job).path("tunegate"))
                .hasToString("{\"timings\":{\"forward_seconds\":11.25,\"backward_seconds\":22.0,"
                        + "\"optimizer_seconds\":5.5,\"waiting_seconds\":3.0}}");
    }

    @Test
    void refusesTimesThatAreNone() {
        jobs.create("base");
        worker.validate();
        ObjectNode stopped = JSON.createObjectNode().put("outcome", "stopped");
        stopped.set("timings", timings(1, 2, -0.5, 0));
        assertThat(worker.unchecked().finish(worker.mustClaim("train"), stopped).error("message"))
                .isEqualTo("invalid optimizer_seconds: -0.5, must be a number of at least 0");
    }

    private static ObjectNode timings(double forward, double backward, double optimizer, double waiting) {
        return JSON.createObjectNode()
                .put("forward_seconds", forward)
                .put("backward_seconds", backward)
                .put("optimizer_seconds", optimizer)
                .put("waiting_seconds", waiting);
    }

    @Test
    void refusesOutcomesThatDoNotFitTheTask() {
        jobs.create("base");
        Task validation = worker.mustClaim("validate");
        assertThat(worker.succeed(validation).error("message"))
                .isEqualTo("invalid outcome: succeeded, the job is validating_files");
        assertThat(worker.finish(validation, JSON.createObjectNode().put("outcome", "failed"))
                        .status())
                .isEqualTo(400);
        assertThat(worker.unchecked().finish(validation, "won").error("message"))
                .contains("validated");
        assertThat(worker.client()
                        .post("/worker/v1/jobs/ftjob-none/finish", "{\"attempt\":1,\"outcome\":\"stopped\"}")
                        .status())
                .isEqualTo(404);
    }

    /** Looks at no file that may be on its way out, as a walk would. */
    private Long blobs() {
        try (Stream<Path> files = Files.list(directory.resolve("blobs"))) {
            return files.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

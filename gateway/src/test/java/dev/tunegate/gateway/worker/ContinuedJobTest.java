package dev.tunegate.gateway.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestWorker.Task;
import org.junit.jupiter.api.Test;

/** Jobs that continue from a fine-tuned model, and jobs whose best checkpoint is not their last. */
class ContinuedJobTest extends OneWorkerFixture {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aJobStartsFromAFineTunedModelsAdapterOnItsBase() {
        String model = fineTuned();
        String job = jobs.create(model);
        Task validation = worker.mustClaim("validate");
        String adapter = validation.json().at("/job/start_adapter").asText();
        assertThat(worker.readBlob(validation, adapter).body())
                .as("to see whether it fits")
                .isEqualTo("final adapter");
        worker.finish(validation, "validated");
        Task task = worker.mustClaim("train");

        assertThat(jobs.get(job).path("model").asText())
                .as("what was asked for")
                .isEqualTo(model);
        JsonNode spec = task.json().path("job");
        assertThat(spec.path("model").asText()).isEqualTo("base");
        assertThat(worker.readBlob(task, spec.path("start_adapter").asText()).body())
                .isEqualTo("final adapter");

        worker.checkpoint(task, 1);
        assertThat(worker.succeed(task).status()).isEqualTo(200);
        String second = jobs.get(job).path("fine_tuned_model").asText();
        assertThat(second).matches("ft:base:default::[A-Za-z0-9]{8}").isNotEqualTo(model);
        assertThat(worker.client()
                        .get("/worker/v1/models/" + second)
                        .json()
                        .path("base_model")
                        .asText())
                .isEqualTo("base");
    }

    @Test
    void aCheckpointCanBeContinuedFromToo() {
        jobs.create("base");
        worker.validate();
        Task first = worker.mustClaim("train");
        worker.checkpoint(first, 1);
        worker.checkpoint(first, 2);
        worker.succeed(first);
        String checkpoint = jobs.checkpoints(first.job())
                .get(1)
                .path("fine_tuned_model_checkpoint")
                .asText();
        assertThat(checkpoint).endsWith(":ckpt-step-1");

        jobs.create(checkpoint);
        worker.validate();
        Task task = worker.mustClaim("train");
        assertThat(worker.readBlob(task, task.json().at("/job/start_adapter").asText())
                        .body())
                .isEqualTo("adapter 1");
    }

    @Test
    void aModelDeletedMeanwhileIsStillThereForTheJobThatContinuesFromIt() {
        String model = fineTuned();
        jobs.create(model);
        worker.validate();
        assertThat(gateway.client().delete("/v1/models/" + model).status()).isEqualTo(200);

        Task task = worker.mustClaim("train");
        assertThat(worker.readBlob(task, task.json().at("/job/start_adapter").asText())
                        .body())
                .isEqualTo("final adapter");
        Answer refused = jobs.tryCreate(JobClient.request(model, jobs.uploadFile()));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error("code")).isEqualTo("model_not_available");
    }

    @Test
    void theCheckpointsOfAFailedJobStayUsable() {
        Task task = start("base");
        worker.checkpoint(task, 1);
        assertThat(worker.fail(task, "non_finite_loss", "The training diverged.")
                        .status())
                .isEqualTo(200);

        String checkpoint = jobs.checkpoints(task.job())
                .get(0)
                .path("fine_tuned_model_checkpoint")
                .asText();
        assertThat(worker.client()
                        .get("/worker/v1/models/" + checkpoint + "/adapter")
                        .body())
                .isEqualTo("adapter 1");
        assertThat(start(checkpoint).json().at("/job/model").asText()).isEqualTo("base");
    }

    @Test
    void anotherJobsAdapterIsNotReadable() {
        String model = fineTuned();
        String adapter = start(model).json().at("/job/start_adapter").asText();
        Task other = start("base");

        assertThat(other.json().at("/job/start_adapter").isNull()).isTrue();
        assertThat(worker.readBlob(other, adapter).status()).isEqualTo(400);
    }

    @Test
    void theBestCheckpointIsMarkedAndKeptBesideTheLastThree() {
        Task task = start("base");
        double[] losses = {0.9, 0.4, 0.5, 0.4, 0.6, 0.7};
        for (int i = 0; i < losses.length; i++) {
            checkpoint(task, i + 1, losses[i]);
        }

        assertThat(jobs.checkpoints(task.job()))
                .extracting(checkpoint -> checkpoint.path("step_number").asInt()
                        + (checkpoint.path("best").asBoolean() ? " best" : ""))
                .containsExactly("6", "5", "4", "2 best");
    }

    @Test
    void withoutValidationNoCheckpointIsTheBest() {
        Task task = start("base");
        worker.checkpoint(task, 1);
        worker.checkpoint(task, 2);

        assertThat(jobs.checkpoints(task.job()))
                .hasSize(2)
                .allMatch(checkpoint -> !checkpoint.path("best").asBoolean());
    }

    @Test
    void theCheckpointThatAJobEndsWithBecomesTheModel() {
        Task task = start("base");
        String best = checkpoint(task, 1, 0.4);
        checkpoint(task, 2, 0.5);
        // Another attempt finds the best one's adapter with its task.
        assertThat(worker.finish(task, "stopped").status()).isEqualTo(200);
        Task again = worker.mustClaim("train");
        assertThat(again.json().at("/checkpoints/0")).hasToString("{\"step\":1,\"adapter_blob\":\"" + best + "\"}");

        ObjectNode finish = JSON.createObjectNode().put("outcome", "succeeded").put("adapter_blob", best);
        assertThat(worker.finish(again, finish).status()).isEqualTo(200);
        String model = jobs.get(task.job()).path("fine_tuned_model").asText();
        assertThat(jobs.checkpoints(task.job()))
                .extracting(checkpoint ->
                        checkpoint.path("fine_tuned_model_checkpoint").asText().equals(model))
                .containsExactly(false, true);
        assertThat(worker.client()
                        .get("/worker/v1/models/" + model + "/adapter")
                        .body())
                .isEqualTo("adapter 1");
    }

    /** The name of a model that a job has made. */
    private String fineTuned() {
        Task task = start("base");
        assertThat(worker.succeed(task).status()).isEqualTo(200);
        return jobs.get(task.job()).path("fine_tuned_model").asText();
    }

    private Task start(String model) {
        jobs.create(model);
        worker.validate();
        return worker.mustClaim("train");
    }

    /** Commits a checkpoint with its validation loss; its adapter's blob. */
    private String checkpoint(Task task, int step, double fullValidLoss) {
        String adapter = worker.upload(task, "adapter " + step);
        ObjectNode body = JSON.createObjectNode()
                .put("attempt", task.attempt())
                .put("step", step)
                .put("resume_blob", worker.upload(task, "resume " + step))
                .put("adapter_blob", adapter);
        body.putObject("metrics").put("step", step).put("full_valid_loss", fullValidLoss);
        Answer answer = worker.post(task, "/checkpoints", body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return adapter;
    }
}

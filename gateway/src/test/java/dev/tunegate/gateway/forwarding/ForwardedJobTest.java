package dev.tunegate.gateway.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.models.finetuning.jobs.FineTuningJob;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.JobClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job that another host trains, from its creation to its end. The host is a stub. */
class ForwardedJobTest {
    private static final String MODEL = "ft:gpt-4o-mini:org:suffix:AbCd1234";
    private static final ObjectMapper JSON = new ObjectMapper();

    private ForwardedJob forwarded;
    private FineTuningStub upstream;

    @BeforeEach
    void start(@TempDir Path directory) {
        forwarded = new ForwardedJob(directory, Duration.ofSeconds(20));
        upstream = forwarded.upstream();
    }

    @AfterEach
    void stop() {
        forwarded.close();
    }

    private static ObjectNode metrics(int step) {
        return JSON.createObjectNode().put("step", step).put("train_loss", 0.5);
    }

    @Test
    void aJobIsTakenThereAndAllThatBecomesOfItIsSeenHere() {
        ObjectNode request = JobClient.request("gpt-4o-mini", forwarded.jobs().uploadFile())
                .put("suffix", "mine")
                .put("seed", 7);
        request.put("validation_file", request.path("training_file").asText());
        request.putObject("metadata").put("team", "blue");
        request.putObject("method")
                .put("type", "supervised")
                .putObject("supervised")
                .putObject("hyperparameters")
                .put("n_epochs", 3);
        String id = forwarded.jobs().create(request);
        JsonNode created = forwarded.await(id, "/tunegate/job_id", "ftjob-there");
        assertThat(created.at("/tunegate/upstream").asText()).isEqualTo("stub");
        assertThat(created.path("status").asText()).isEqualTo("validating_files");
        assertThat(created.path("metadata")).isEqualTo(JSON.createObjectNode().put("team", "blue"));
        ObjectNode there = upstream.job();
        assertThat(there.path("model").asText()).isEqualTo("gpt-4o-mini");
        assertThat(there.path("suffix").asText()).isEqualTo("mine");
        assertThat(there.path("seed").asInt()).isEqualTo(7);
        assertThat(there.at("/method/supervised/hyperparameters/n_epochs").asInt())
                .isEqualTo(3);
        assertThat(there.at("/method/supervised/hyperparameters/batch_size").asText())
                .isEqualTo("auto");
        assertThat(there.path("metadata"))
                .isEqualTo(JSON.createObjectNode().put("team", "blue").put("tunegate_job_id", id));
        assertThat(upstream.files().get(there.path("training_file").asText())).isEqualTo("{\"messages\":[]}\n");
        assertThat(there.path("validation_file")).isEqualTo(there.path("training_file"));

        upstream.event("info", "Fine-tuning job started", null);
        upstream.status("running");
        forwarded.awaitStatus(id, "running");
        for (int step = 1; step <= 7; step++) { // more than a page of them
            upstream.event("info", "Step " + step, metrics(step));
        }
        upstream.checkpoint(4, "ft:gpt-4o-mini:org:mine:aaaaaaaa:ckpt-step-4");
        upstream.checkpoint(5, "ft:gpt-4o-mini:org:mine:bbbbbbbb:ckpt-step-5");
        forwarded.awaitMessage(id, "Step 7");
        upstream.forgetCheckpoint(4);
        upstream.checkpoint(7, MODEL);
        upstream.event("warning", "Step 7 again", metrics(7));
        upstream.event("info", "The job has successfully completed", null);
        upstream.succeed(
                MODEL, Base64.getEncoder().encodeToString("step,train_loss\n1,0.5\n".getBytes(StandardCharsets.UTF_8)));
        JsonNode done = forwarded.awaitStatus(id, "succeeded");

        assertThat(done.path("fine_tuned_model").asText()).isEqualTo(MODEL);
        assertThat(done.path("trained_tokens").asInt()).isEqualTo(4321);
        assertThat(done.at("/hyperparameters/learning_rate_multiplier").asDouble())
                .isEqualTo(1.8);
        assertThat(forwarded.messages(id))
                .containsExactly(
                        "Created fine-tuning job: " + id,
                        "The upstream 'stub' is to train it",
                        "Created fine-tuning job: " + there.path("id").asText(),
                        "Fine-tuning job started",
                        "Step 1",
                        "Step 2",
                        "Step 3",
                        "Step 4",
                        "Step 5",
                        "Step 6",
                        "Step 7",
                        "Step 7 again",
                        "The job has successfully completed");
        assertThat(forwarded.jobs().checkpoints(id))
                .extracting(checkpoint -> checkpoint.path("step_number").asInt())
                .containsExactly(7, 5);
        String result = done.at("/result_files/0").asText();
        assertThat(forwarded.client().get("/v1/files/" + result + "/content").body())
                .isEqualTo("step,train_loss\n1,0.5\n");
        forwarded.assertNothingLeftToDo();
        FineTuningJob job = forwarded.sdk().fineTuning().jobs().retrieve(id).validate();
        assertThat(job.fineTunedModel()).contains(MODEL);
        forwarded.sdk().fineTuning().jobs().listEvents(id).items().forEach(event -> event.validate());
        forwarded.sdk().fineTuning().jobs().checkpoints().list(id).items().forEach(checkpoint -> checkpoint.validate());
        forwarded.sdk().files().retrieve(result).validate();
    }

    @Test
    void theModelIsAModelHereUntilItIsDeletedThereToo() {
        String id = forwarded.createThere();
        upstream.succeed(MODEL, "step,train_loss\n");
        forwarded.awaitStatus(id, "succeeded");
        Answer model = forwarded.client().get("/v1/models/" + MODEL);
        assertThat(model.json().at("/tunegate/serving").asText()).isEqualTo("upstream");
        assertThat(forwarded.client().get("/v1/models").json().path("data").findValuesAsText("id"))
                .contains(MODEL);
        assertThat(forwarded
                        .jobs()
                        .get(forwarded.jobs().create(MODEL))
                        .at("/tunegate/upstream")
                        .asText())
                .isEqualTo("stub");
        assertThat(forwarded.client().delete("/v1/models/" + MODEL).status()).isEqualTo(200);
        assertThat(upstream.count("DELETE /models/" + MODEL)).isEqualTo(1);
    }

    @Test
    void theSameBytesGoThereOnceUntilTheyAreLostThere() {
        forwarded.createThere();
        forwarded.createThere();
        assertThat(upstream.count("POST /files")).isEqualTo(1);
        upstream.files().clear();
        forwarded.createThere();
        assertThat(upstream.count("POST /files")).isEqualTo(2);
    }

    @Test
    void ordersArePassedOn() {
        String id = forwarded.createThere();
        upstream.status("running");
        forwarded.awaitStatus(id, "running");
        assertThat(forwarded.jobs().pause(id).json().path("status").asText()).isEqualTo("paused");
        assertThat(upstream.job().path("status").asText()).isEqualTo("paused");
        assertThat(forwarded.jobs().resume(id).json().path("status").asText()).isEqualTo("queued");
        assertThat(forwarded.jobs().cancel(id).json().path("status").asText()).isEqualTo("cancelled");
        assertThat(upstream.job().path("status").asText()).isEqualTo("cancelled");
        assertThat(forwarded.messages(id)).contains("Fine-tuning job cancelled");
        forwarded.assertNothingLeftToDo();
    }

    @Test
    void anOrderThatIsNotTakenChangesNothingAndSaysWhy() {
        String id = forwarded.createThere();
        upstream.misbehaveAt(
                "POST /fine_tuning/jobs/",
                request -> FineTuningStub.json(request, 400, FineTuningStub.error("Job has already succeeded", null)));
        Answer refused = forwarded.jobs().cancel(id);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error("message")).isEqualTo("Job has already succeeded");
        upstream.misbehaveAt(
                "POST /fine_tuning/jobs/",
                request -> FineTuningStub.json(
                        request, 401, FineTuningStub.error("Incorrect API key provided: " + FineTuningStub.KEY, null)));
        Answer key = forwarded.jobs().cancel(id);
        assertThat(key.status()).isEqualTo(502);
        assertThat(key.error("code")).isEqualTo("upstream_auth");
        assertThat(key.body()).doesNotContain(FineTuningStub.KEY);
        upstream.stop();
        assertThat(forwarded.jobs().cancel(id).error("code")).isEqualTo("upstream_unavailable");
        assertThat(forwarded.jobs().status(id)).isNotEqualTo("cancelled");
    }

    @Test
    void aJobThatIsCancelledBeforeItIsThereIsNeverCreated() {
        upstream.misbehaveAt(
                "POST /files", request -> FineTuningStub.json(request, 503, FineTuningStub.error("busy", null)));
        String id = forwarded.create();
        forwarded.awaitMessage(id, "The upstream 'stub' answered with status 503: busy");
        assertThat(forwarded.jobs().cancel(id).json().path("status").asText()).isEqualTo("cancelled");
        upstream.behave();
        forwarded.assertNothingLeftToDo();
        assertThat(upstream.jobs()).isEmpty();
    }

    @Test
    void aJobThatIsCancelledWhenNobodyKnowsWhetherItIsThereIsEndedThere() {
        upstream.loseAnswersToCreations();
        String id = forwarded.create();
        Eventually.is(() -> upstream.jobs().size(), 1);
        upstream.misbehaveAt(
                "GET /fine_tuning/jobs", request -> request.connection().close());
        assertThat(forwarded.jobs().cancel(id).json().path("status").asText()).isEqualTo("cancelled");
        upstream.behave();
        forwarded.assertNothingLeftToDo();
        assertThat(upstream.jobs()).hasSize(1);
        assertThat(upstream.job().path("status").asText()).isEqualTo("cancelled");
    }

    @Test
    void aCreationWhoseAnswerIsLostIsFoundAndNotRepeated() {
        upstream.loseAnswersToCreations();
        String id = forwarded.create();
        Eventually.is(() -> upstream.jobs().size(), 1);
        upstream.behave();
        forwarded.await(id, "/tunegate/job_id", "ftjob-there");
        assertThat(upstream.jobs()).hasSize(1);
        assertThat(upstream.count("POST /fine_tuning/jobs")).isEqualTo(1);
    }

    @Test
    void aGatewayThatEndsInTheMiddleOfACreationFindsTheJobWhenItIsBack() {
        upstream.misbehaveAt("POST /fine_tuning/jobs", request -> {});
        String id = forwarded.create();
        Eventually.is(() -> upstream.count("POST /fine_tuning/jobs"), 1L);
        forwarded.stop();
        // The upstream has taken the request, and comes to it only now.
        ObjectNode late = JSON.createObjectNode().put("id", "ftjob-there99").put("status", "queued");
        late.putObject("metadata").put("tunegate_job_id", id);
        upstream.jobs().add(late);
        upstream.behave();
        forwarded.restart();
        assertThat(forwarded
                        .await(id, "/tunegate/job_id", "ftjob-there")
                        .at("/tunegate/job_id")
                        .asText())
                .isEqualTo("ftjob-there99");
        assertThat(upstream.jobs()).hasSize(1);
    }

    @Test
    void gatewaysThatShareADatabaseShareTheWorkAndNeverDoItTwice(@TempDir Path otherDir) {
        String file = forwarded.jobs().uploadFile();
        try (Gateway other = forwarded.startAnother(otherDir.resolve("blobs-are-elsewhere"))) {
            forwarded.createThere(); // the file is there: either gateway can take the jobs that follow
            List<String> ids = IntStream.range(0, 12)
                    .mapToObj(i -> forwarded.jobs().create(JobClient.request("gpt-4o-mini", file)))
                    .toList();
            ids.forEach(id -> forwarded.await(id, "/tunegate/job_id", "ftjob-there"));
            assertThat(other.port()).isPositive();
        }
        assertThat(upstream.jobs())
                .extracting(job -> job.at("/metadata/tunegate_job_id").asText())
                .doesNotHaveDuplicates()
                .hasSize(13);
    }

    @Test
    void nothingIsSeenTwiceOverARestart() {
        String id = forwarded.createThere();
        upstream.event("info", "one", null);
        forwarded.awaitMessage(id, "one");
        forwarded.restart();
        upstream.event("info", "two", null);
        forwarded.awaitMessage(id, "two");
        assertThat(forwarded.messages(id)).containsSubsequence("one", "two").doesNotHaveDuplicates();
    }

    @Test
    void sixteenPairsOfMetadataLeaveNoRoomForOurs() {
        ObjectNode request = JobClient.request("gpt-4o-mini", forwarded.jobs().uploadFile());
        ObjectNode metadata = request.putObject("metadata");
        for (int i = 0; i < 16; i++) {
            metadata.put("k" + i, "v");
        }
        Answer refused = forwarded.jobs().tryCreate(request);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error("param")).isEqualTo("metadata");
        assertThat(refused.error("message")).contains("at most 15 pairs");
    }
}

package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.ModelImport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker with a real, tiny model against a stub of the gateway's side of the protocol. */
@Timeout(300)
class WorkerTest {
    private static final String LINES = IntStream.range(0, 12)
            .mapToObj(i -> "{\"messages\": [{\"role\": \"user\", \"content\": \"Say %d\"}, ".formatted(i)
                    + "{\"role\": \"assistant\", \"content\": \"It is %d.\"}]}".formatted(i))
            .collect(Collectors.joining("\n"));

    private static final String PREFERENCES = """
            {"input": {"messages": [{"role": "user", "content": "Is it?"}]}, \
            "preferred_output": [{"role": "assistant", "content": "yes"}], \
            "non_preferred_output": [{"role": "assistant", "content": "no"}]}
            """.repeat(12);

    @TempDir
    Path dir;

    private StubGateway gateway;
    private @Nullable Thread running;
    private @Nullable Worker worker;

    @BeforeEach
    void prepare() throws Exception {
        gateway = new StubGateway();
        gateway.addFile("file-train", LINES);
        gateway.addFile("file-valid", LINES);
        ModelImport.copy(Path.of("src/test/resources/golden/llama/model"), dir.resolve("models"), "tiny");
    }

    @AfterEach
    void stop() throws Exception {
        if (worker != null && running != null) {
            worker.stop(Duration.ofSeconds(30));
            running.join();
        }
        gateway.close();
    }

    @Test
    void aTrainingJobIsDoneAndReportedToItsEnd() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 4, \"batch_size\": 5}"), null);
        start(true);
        JsonNode finish = gateway.awaitFinish();

        assertThat(finish.get("outcome").textValue()).isEqualTo("succeeded");
        assertThat(finish.get("trained_tokens").longValue()).isPositive();
        assertThat(gateway.messages()).hasSize(12).first().asString().startsWith("Step 1/12: training loss=");
        assertThat(last(gateway.messages())).contains(", validation loss=", ", full validation loss=");
        assertThat(metric(0)).isGreaterThan(metric(11));
        assertThat(gateway.checkpoints())
                .extracting(checkpoint -> checkpoint.get("step").intValue())
                .containsExactly(3, 6, 9, 12);
        assertThat(last(gateway.checkpoints()).get("adapter_blob")).isEqualTo(finish.get("adapter_blob"));
        assertThat(gateway.progress())
                .anySatisfy(batch -> assertThat(batch.path("hyperparameters").toString())
                        .isEqualTo("{\"n_epochs\":4,\"batch_size\":5,\"learning_rate_multiplier\":1.0}"));
        assertThat(csv(finish).lines()).hasSize(13);
        Path zip = Files.write(
                dir.resolve("adapter.zip"),
                gateway.blob(finish.get("adapter_blob").textValue()));
        AdapterZip.unpack(zip, dir.resolve("adapter"));
        assertThat(dir.resolve("adapter/adapter_model.safetensors")).isNotEmptyFile();
        running().join();
    }

    @Test
    void aDpoJobLearnsItsPreferencesAndReportsTheRewards() throws Exception {
        gateway.addFile("file-train", PREFERENCES);
        gateway.addFile("file-valid", PREFERENCES);
        ObjectNode job = job("{\"n_epochs\": 4, \"batch_size\": 5, \"learning_rate_multiplier\": 20}");
        gateway.offer("train", "ftjob-1", job.put("method", "dpo"), null);
        start(true);
        JsonNode finish = gateway.awaitFinish();

        assertThat(finish.path("outcome").textValue()).as(finish.toString()).isEqualTo("succeeded");
        assertThat(metric(0)).as("ln 2").isCloseTo(Math.log(2), within(1e-6));
        assertThat(metric(11)).isLessThan(0.6);
        JsonNode last = last(gateway.events()).get("data");
        assertThat(last.path("rewards/margins").doubleValue()).isPositive();
        assertThat(last.path("full_valid_rewards/accuracies").doubleValue()).isEqualTo(1);
        assertThat(last(gateway.checkpoints()).path("metrics").has("rewards/chosen"))
                .isTrue();
        assertThat(gateway.progress())
                .anySatisfy(batch -> assertThat(
                                batch.path("hyperparameters").path("beta").doubleValue())
                        .isEqualTo(0.1));
        assertThat(csv(finish)).contains("rewards/accuracies");
    }

    @Test
    void aTrainingGoesOnFromTheAdapterItIsGiven() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 8, \"batch_size\": 12, \"lora_r\": 4}"), null);
        start(true);
        String adapter = gateway.awaitFinish().get("adapter_blob").textValue();
        double begun = metric(0);
        double ended = metric(7);
        running().join();

        gateway.forget();
        ObjectNode job = job("{\"n_epochs\": 1, \"batch_size\": 12}");
        gateway.offer("train", "ftjob-2", job.put("start_adapter", adapter), null);
        start(true);
        JsonNode finish = gateway.awaitFinish();

        assertThat(finish.path("outcome").textValue()).as(finish.toString()).isEqualTo("succeeded");
        assertThat(metric(0)).isLessThan(ended).isLessThan(begun);
        Path zip = Files.write(
                dir.resolve("adapter.zip"),
                gateway.blob(finish.get("adapter_blob").textValue()));
        AdapterZip.unpack(zip, dir.resolve("adapter"));
        assertThat(dir.resolve("adapter/adapter_config.json")).content().contains("\"r\" : 4");
    }

    @Test
    void aJobThatDivergesLeavesItsLastGoodCheckpoint() throws Exception {
        // The norms keep a model of any weights within the numbers, so these have to leave them: each step's decay
        // multiplies them by thousands.
        String hyperparameters = "{\"n_epochs\": 20, \"batch_size\": 12, \"learning_rate\": 1,"
                + " \"learning_rate_multiplier\": 1000, \"weight_decay\": 9.9, \"warmup_ratio\": 0}";
        ObjectNode job = job(hyperparameters);
        job.remove("validation_file");
        gateway.offer("train", "ftjob-1", job, null);
        start(true);
        JsonNode finish = gateway.awaitFinish();

        assertThat(finish.path("outcome").textValue())
                .as("%s", gateway.messages())
                .isEqualTo("failed");
        assertThat(finish.at("/error/code").textValue()).isEqualTo("non_finite_loss");
        int steps = gateway.messages().size();
        assertThat(finish.at("/error/message").textValue())
                .contains("at step %d ".formatted(steps + 1), "The checkpoint of step %d is kept.".formatted(steps));
        assertThat(last(gateway.checkpoints()).path("step").intValue()).isEqualTo(steps);
        assertThat(gateway.blob(last(gateway.checkpoints()).get("adapter_blob").textValue()))
                .isNotEmpty();
    }

    @Test
    void aJobThatStopsEarlyEndsWithItsBestCheckpointAndSaysSo() throws Exception {
        // What is trained on is the opposite of what is validated on, so the first checkpoint is the best.
        gateway.addFile("file-valid", LINES.replace("It is", "No!"));
        String hyperparameters = "{\"n_epochs\": 9, \"batch_size\": 12, \"early_stopping_patience\": 2,"
                + " \"learning_rate_multiplier\": 10}";
        gateway.offer("train", "ftjob-1", job(hyperparameters), null);
        start(true);
        JsonNode finish = gateway.awaitFinish();

        assertThat(finish.path("outcome").textValue()).as(finish.toString()).isEqualTo("succeeded");
        List<JsonNode> checkpoints = gateway.checkpoints();
        assertThat(checkpoints).hasSizeLessThan(9);
        JsonNode best = checkpoints.get(checkpoints.size() - 3);
        assertThat(finish.get("adapter_blob")).isEqualTo(best.get("adapter_blob"));
        assertThat(last(gateway.messages()))
                .startsWith(
                        "Stopped early at step %d of 9: 2 checkpoint(s) in a row were no better. The checkpoint of step %d becomes the model"
                                .formatted(checkpoints.size(), best.get("step").intValue()));
    }

    @Test
    void preferencesAreCheckedLineByLine() throws Exception {
        gateway.addFile(
                "file-train",
                PREFERENCES + "{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]},"
                        + " \"preferred_output\": [{\"role\": \"user\", \"content\": \"b\"}], \"non_preferred_output\": []}");
        gateway.offer("validate", "ftjob-1", job("{\"beta\": 0.2}").put("method", "dpo"), null);
        start(false);

        assertThat(gateway.awaitFinish().at("/error/message").textValue())
                .isEqualTo("The job failed due to an invalid training file. Invalid file format. Example 13 has a"
                        + " preferred_output that is not exactly one message from the assistant");
    }

    @Test
    void aClaimSaysWhatTheWorkerCanDo() throws Exception {
        start(false);
        gateway.await(() -> kinds().equals(Set.of("train", "validate")));

        JsonNode claim = gateway.claims().get(0);
        assertThat(claim.get("models").toString()).isEqualTo("[{\"id\":\"tiny\",\"context_length\":128}]");
        assertThat(claim.get("worker_id").textValue()).isEqualTo("worker-1");
        assertThat(claim.get("device").textValue()).isEqualTo("cpu");
        assertThat(claim.get("inference_url").textValue()).startsWith("http://localhost:");
        assertThat(claim.get("inference_token").textValue()).isNotBlank();
    }

    @Test
    void aResumedJobGoesOnBehindItsCheckpointWithTheSameResults() throws Exception {
        String hyperparameters = "{\"n_epochs\": 4, \"batch_size\": 5, \"lora_dropout\": 0.1}";
        gateway.offer("train", "ftjob-1", job(hyperparameters), null);
        start(true);
        String uninterrupted = csv(gateway.awaitFinish());
        JsonNode checkpoint = gateway.checkpoints().get(1);
        running().join();

        gateway.forget();
        ObjectNode resume = JsonNodeFactory.instance.objectNode();
        resume.set("step", checkpoint.get("step"));
        resume.set("blob_id", checkpoint.get("resume_blob"));
        gateway.offer("train", "ftjob-1", job(hyperparameters), resume);
        start(true);
        String resumed = csv(gateway.awaitFinish());

        assertThat(gateway.messages().get(0)).startsWith("Step 7/12: ");
        assertThat(resumed).isEqualTo(uninterrupted);
    }

    @Test
    void aCancelledJobStopsBehindItsStep() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        start(false);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.direct("cancel");

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
        assertThat(gateway.messages()).hasSizeLessThan(600);
    }

    @Test
    void aPausedJobBringsItsStateHome() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.direct("pause");

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
        JsonNode point = last(gateway.checkpoints());
        assertThat(point.get("step").intValue())
                .isEqualTo(gateway.messages().size())
                .isLessThan(600);
        assertThat(gateway.blob(point.get("resume_blob").textValue())).isNotEmpty();
    }

    @Test
    void aPauseWhileAnotherUploadIsStillUnderWayLosesNothing() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 12}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.beAway(5);
        gateway.direct("pause");

        gateway.awaitFinish();
        assertThat(last(gateway.checkpoints()).get("step").intValue())
                .isEqualTo(gateway.messages().size());
    }

    @Test
    void trainingGoesOnWhileTheGatewayIsAway() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 4, \"batch_size\": 2}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.beAway(40);

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("succeeded");
        assertThat(gateway.messages()).hasSize(24).doesNotHaveDuplicates();
    }

    @Test
    void aStoppedWorkerHandsItsJobBackWithItsState() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        Worker stopped = start(false);
        gateway.await(() -> !gateway.messages().isEmpty());
        stopped.stop(Duration.ofSeconds(60));

        assertThat(gateway.awaitFinish().get("outcome").textValue()).isEqualTo("stopped");
        JsonNode point = last(gateway.checkpoints());
        assertThat(point.get("step").intValue()).isEqualTo(gateway.messages().size());
        assertThat(gateway.blob(point.get("resume_blob").textValue())).isNotEmpty();
    }

    @Test
    void goodFilesAreValidated() throws Exception {
        gateway.offer("validate", "ftjob-1", job("{}"), null);
        start(false);

        assertThat(gateway.awaitFinish().toString()).isEqualTo("{\"attempt\":1,\"outcome\":\"validated\"}");
    }

    @Test
    void badFilesFailTheJobAndSayWhere() throws Exception {
        gateway.addFile("file-train", LINES + "\n{\"messages\": []}\n");
        gateway.offer("validate", "ftjob-1", job("{}"), null);
        start(false);

        JsonNode finish = gateway.awaitFinish();
        assertThat(finish.get("outcome").textValue()).isEqualTo("failed");
        assertThat(finish.get("error").get("code").textValue()).isEqualTo("invalid_training_file");
        assertThat(finish.get("error").get("param").textValue()).isEqualTo("training_file");
        assertThat(finish.get("error").get("message").textValue()).contains("Example 13");
    }

    @Test
    void anAdapterThatDoesNotFitItsBaseFailsTheJobBeforeItIsQueued() throws Exception {
        Path adapter = Files.createDirectory(dir.resolve("adapter"));
        Path golden = Path.of("src/test/resources/golden/llama/adapter_init");
        Files.copy(golden.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.safetensors"));
        String config = Files.readString(golden.resolve("adapter_config.json"));
        Files.writeString(adapter.resolve("adapter_config.json"), config.replaceFirst("\"r\": \\d+", "\"r\": 9"));
        AdapterZip.pack(adapter, dir.resolve("adapter.zip"));
        gateway.addModel("blob-adapter", "tiny", Files.readAllBytes(dir.resolve("adapter.zip")));
        gateway.offer("validate", "ftjob-1", job("{}").put("start_adapter", "blob-adapter"), null);
        start(false);

        JsonNode error = gateway.awaitFinish().path("error");
        assertThat(error.path("code").textValue()).isEqualTo("model_not_usable");
        assertThat(error.path("message").textValue())
                .contains("lora_A.weight has shape [", "; this model and rank need [9, 64]");
    }

    @Test
    void aDeletedFileFailsTheJob() throws Exception {
        ObjectNode job = job("{}");
        job.put("training_file", "file-gone");
        gateway.offer("train", "ftjob-1", job, null);
        start(false);

        assertThat(gateway.awaitFinish().get("error").toString())
                .isEqualTo(
                        "{\"code\":\"deleted_training_file\",\"message\":\"The job failed because the training file was"
                                + " deleted\",\"param\":\"training_file\"}");
    }

    @Test
    void anUnknownModelFailsTheJob() throws Exception {
        ObjectNode job = job("{}");
        job.put("model", "../tiny");
        gateway.offer("train", "ftjob-1", job, null);
        start(false);

        JsonNode error = gateway.awaitFinish().get("error");
        assertThat(error.get("code").textValue()).isEqualTo("model_not_available");
        assertThat(error.get("message").textValue()).startsWith("The model ../tiny is not on this worker.");
    }

    @Test
    void aJobWhoseModelCannotFitFailsBeforeItIsLoaded() throws Exception {
        Path model = dir.resolve("models/tiny");
        String config = Files.readString(model.resolve("config.json"));
        Files.writeString(
                model.resolve("config.json"), config.replace("\"hidden_size\": 64", "\"hidden_size\": 268435456"));
        Files.delete(model.resolve("model.safetensors"));
        gateway.offer("train", "ftjob-1", job("{}"), null);
        start(false);

        JsonNode error = gateway.awaitFinish().get("error");
        assertThat(error.get("code").textValue()).isEqualTo("not_enough_memory");
        assertThat(error.get("message").textValue())
                .endsWith("No context_length makes it fit: use a smaller model, or a worker with more memory.");
    }

    @Test
    void unknownTargetModulesFailTheJob() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"target_modules\": [\"q_proj\", \"c_attn\"]}"), null);
        start(false);

        JsonNode error = gateway.awaitFinish().get("error");
        assertThat(error.get("code").textValue()).isEqualTo("invalid_hyperparameters");
        assertThat(error.get("message").textValue())
                .startsWith("invalid target_modules: ")
                .contains("must be linear layers of this model", "q_proj");
    }

    @Test
    void aTaskTakenAwayIsLeftWithoutAWord() throws Exception {
        gateway.offer("train", "ftjob-1", job("{\"n_epochs\": 50, \"batch_size\": 1}"), null);
        start(true);
        gateway.await(() -> !gateway.messages().isEmpty());
        gateway.takeTaskAway();

        running().join();
        assertThat(gateway.checkpoints())
                .allSatisfy(point -> assertThat(point.get("step").intValue()).isLessThan(600));
        assertThat(gateway.finished()).isFalse();
    }

    @Test
    void aWrongTokenEndsTheWorker() throws Exception {
        try (Worker refused = worker("another-token", true)) {
            assertThatThrownBy(refused::run)
                    .isInstanceOf(GatewayException.Refused.class)
                    .hasMessageContaining("401");
        }
    }

    private Worker start(boolean once) throws IOException {
        Worker started = worker(StubGateway.TOKEN, once);
        Thread thread = new Thread(
                () -> {
                    try (started) {
                        started.run();
                    } catch (IOException | InterruptedException e) {
                        throw new AssertionError("the worker failed", e);
                    }
                },
                "worker");
        thread.start();
        worker = started;
        running = thread;
        return started;
    }

    private Worker worker(String token, boolean once) throws IOException {
        WorkerSettings settings = new WorkerSettings(
                "worker-1",
                gateway.uri(),
                token,
                List.of(dir.resolve("models")),
                ComputeType.FP32,
                "cpu",
                1L << 30,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                dir.resolve("work"),
                once);
        return new Worker(settings, new Retry(Duration.ofMillis(5), Duration.ofMillis(50)), Duration.ofMillis(50));
    }

    private Thread running() {
        if (running == null) {
            throw new AssertionError("no worker was started");
        }
        return running;
    }

    private static ObjectNode job(String hyperparameters) throws IOException {
        ObjectNode job = JsonNodeFactory.instance.objectNode();
        job.put("model", "tiny").put("method", "supervised").put("seed", 7);
        job.put("training_file", "file-train")
                .put("validation_file", "file-valid")
                .put("n_checkpoints", 3);
        job.set("hyperparameters", new ObjectMapper().readTree(hyperparameters));
        return job;
    }

    private double metric(int index) {
        return gateway.events().get(index).get("data").get("train_loss").doubleValue();
    }

    private Set<String> kinds() {
        return gateway.claims().stream()
                .map(claim -> claim.get("kind").textValue())
                .collect(Collectors.toSet());
    }

    private String csv(JsonNode finish) {
        JsonNode file = finish.get("result_files").get(0);
        assertThat(file.get("filename").textValue()).isEqualTo("step_metrics.csv");
        return new String(gateway.blob(file.get("blob_id").textValue()), StandardCharsets.UTF_8);
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }
}

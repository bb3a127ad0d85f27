package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.core.JsonValue;
import com.openai.models.files.FileObject;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams.Metadata;
import com.openai.models.finetuning.jobs.JobListEventsParams;
import com.openai.models.finetuning.jobs.JobListParams;
import com.openai.models.finetuning.jobs.checkpoints.CheckpointListParams;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;
import com.openai.models.models.Model;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One job from the upload to the answer of the model it made; each test looks at one side of it. */
@ExtendWith(SharedGateway.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FineTuningTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int EPOCHS = 4;
    private static final int STEPS = 3 * EPOCHS;

    private final Sdk sdk;
    private final String trainingFile;
    private final String validationFile;
    private final FineTuningJob created;
    private FineTuningJob job;
    private String model = "";

    FineTuningTest(RunningGateway gateway) {
        sdk = gateway.sdk();
        trainingFile = sdk.upload(ChatLines.of(24));
        validationFile = sdk.upload(ChatLines.of(12));
        created = sdk.create(sdk.job(trainingFile, EPOCHS, 8)
                .validationFile(validationFile)
                .suffix("journey")
                .metadata(Metadata.builder()
                        .putAdditionalProperty("purpose", JsonValue.from("journey"))
                        .build()));
        job = created;
    }

    @BeforeAll
    void train() {
        job = sdk.awaitEnd(created.id());
        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        model = job.fineTunedModel().orElseThrow();
    }

    @Test
    void theCreatedJobIsAtOnceInValidation() {
        assertThat(created.status()).isEqualTo(FineTuningJob.Status.VALIDATING_FILES);
        assertThat(created.id()).matches("ftjob-[A-Za-z0-9]{24}");
        assertThat(created.trainingFile()).isEqualTo(trainingFile);
        assertThat(created.validationFile()).hasValue(validationFile);
        assertThat(created.seed()).isEqualTo(7);
        assertThat(created.resultFiles()).isEmpty();
        assertThat(created.fineTunedModel()).isEmpty();
        assertThat(created.finishedAt()).isEmpty();
        assertThat(created.trainedTokens()).isEmpty();
    }

    @Test
    void theFinishedJobCarriesWhatItCameTo() {
        assertThat(model).matches("ft:" + sdk.model + ":[a-z0-9-]+:journey:[A-Za-z0-9]{8}");
        assertThat(job.finishedAt().orElseThrow()).isGreaterThanOrEqualTo(job.createdAt());
        assertThat(job.trainedTokens().orElseThrow()).isPositive();
        assertThat(job.error()).isEmpty();
        assertThat(job.hyperparameters().nEpochs().orElseThrow().asInteger()).isEqualTo(EPOCHS);
        assertThat(job.hyperparameters().batchSize().orElseThrow().asInteger()).isEqualTo(8);
        assertThat(job.hyperparameters().learningRateMultiplier().orElseThrow().isNumber())
                .as("a number has replaced \"auto\"")
                .isTrue();
    }

    @Test
    void theEventsTellTheStoryInOpenAisWordsAndOrder() {
        List<String> messages = sdk.messages(job.id());
        assertThat(messages)
                .startsWith(
                        "Created fine-tuning job: " + job.id(),
                        "Validating training file: " + trainingFile + " and validation file: " + validationFile,
                        "Files validated, moving job to queued state",
                        "Fine-tuning job started")
                .endsWith("New fine-tuned model created: " + model, "The job has successfully completed")
                .filteredOn(message -> message.startsWith("Step "))
                .hasSize(STEPS)
                .allMatch(message -> message.matches("Step \\d+/12: training loss=\\d+\\.\\d\\d.*"));
        assertThat(messages)
                .filteredOn(message -> message.startsWith("Checkpoint created at step "))
                .hasSizeBetween(EPOCHS - 1, EPOCHS);
    }

    @Test
    void everyStepIsAMetricsEventWithItsNumbers() {
        List<FineTuningJobEvent> metrics = sdk.events(job.id()).stream()
                .filter(event -> event.type().equals(Optional.of(FineTuningJobEvent.Type.METRICS)))
                .toList();
        List<Integer> steps = new ArrayList<>();
        for (FineTuningJobEvent event : metrics) {
            JsonNode data = JSON.valueToTree(event._data());
            steps.add(data.path("step").asInt());
            assertThat(data.path("total_steps").asInt()).isEqualTo(STEPS);
            assertThat(data.path("train_loss").isNumber()).isTrue();
            assertThat(data.path("train_mean_token_accuracy").asDouble()).isBetween(0.0, 1.0);
        }
        assertThat(steps).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    }

    @Test
    void theLastThreeCheckpointsAreKeptAndTheLastIsTheModelItself() {
        List<FineTuningJobCheckpoint> checkpoints =
                sdk.client.fineTuning().jobs().checkpoints().list(job.id()).items();
        assertThat(checkpoints).extracting(FineTuningJobCheckpoint::stepNumber).containsExactly(12L, 9L, 6L);
        assertThat(checkpoints.get(0).fineTunedModelCheckpoint()).isEqualTo(model);
        assertThat(checkpoints.get(1).fineTunedModelCheckpoint()).endsWith(":ckpt-step-9");
        assertThat(checkpoints.get(2).fineTunedModelCheckpoint()).endsWith(":ckpt-step-6");
        assertThat(checkpoints)
                .allMatch(checkpoint -> checkpoint.fineTuningJobId().equals(job.id()))
                .allMatch(checkpoint -> checkpoint.metrics().trainLoss().isPresent())
                .allMatch(checkpoint -> checkpoint.metrics().fullValidLoss().isPresent());
    }

    @Test
    void theResultFilesAreTheMetricsAndTheAdapter() throws IOException {
        List<FileObject> files = job.resultFiles().stream()
                .map(id -> sdk.client.files().retrieve(id))
                .toList();
        assertThat(files).extracting(FileObject::filename).containsExactly("step_metrics.csv", "adapter.zip");
        assertThat(files).extracting(FileObject::purpose).containsOnly(FileObject.Purpose.FINE_TUNE_RESULTS);
        List<String> csv = sdk.content(files.get(0).id()).lines().toList();
        assertThat(csv).hasSize(1 + STEPS);
        assertThat(csv.get(0)).isEqualTo("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy");
        assertThat(entries(sdk.bytes(files.get(1).id())))
                .containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
    }

    @Test
    void theModelAnswersTheSameInOnePieceAndStreamed() {
        String whole = sdk.answer(model, "Say 3.");
        assertThat(whole).isNotEmpty();
        assertThat(sdk.streamedAnswer(model, "Say 3.")).isEqualTo(whole);
    }

    @Test
    void anEarlierCheckpointAnswersToo() {
        String checkpoint = sdk.client
                .fineTuning()
                .jobs()
                .checkpoints()
                .list(job.id())
                .items()
                .get(2)
                .fineTunedModelCheckpoint();
        assertThat(sdk.answer(checkpoint, "Say 3.")).isNotEmpty();
    }

    @Test
    void theModelsListNamesBaseResultAndCheckpoints() {
        List<String> ids =
                sdk.client.models().list().items().stream().map(Model::id).toList();
        assertThat(ids).contains(sdk.model, model).anyMatch(id -> id.endsWith(":ckpt-step-9"));
        assertThat(ids)
                .as("the last checkpoint is the model")
                .noneMatch(id -> id.contains(":journey:") && id.endsWith(":ckpt-step-12"));
        assertThat(sdk.client.models().retrieve(model).id()).isEqualTo(model);
    }

    @Test
    void pagesOfAnyKindAddUpToTheWholeWithoutRepeating() {
        List<FineTuningJobEvent> paged = new ArrayList<>();
        sdk.client
                .fineTuning()
                .jobs()
                .listEvents(JobListEventsParams.builder()
                        .fineTuningJobId(job.id())
                        .limit(3)
                        .build())
                .autoPager()
                .forEach(paged::add);
        assertThat(paged).doesNotHaveDuplicates().hasSameSizeAs(sdk.events(job.id()));

        List<Long> steps = new ArrayList<>();
        sdk.client
                .fineTuning()
                .jobs()
                .checkpoints()
                .list(CheckpointListParams.builder()
                        .fineTuningJobId(job.id())
                        .limit(1)
                        .build())
                .autoPager()
                .forEach(checkpoint -> steps.add(checkpoint.stepNumber()));
        assertThat(steps).containsExactly(12L, 9L, 6L);
    }

    @Test
    void thePageAfterTheLastIsEmptyAndNotAnError() {
        var checkpoints = sdk.client.fineTuning().jobs().checkpoints().list(job.id());
        assertThat(checkpoints.response().hasMore()).isFalse();
        assertThat(checkpoints.nextPage().items()).isEmpty();
    }

    @Test
    void jobsAreFoundByTheirMetadata() {
        List<String> found = new ArrayList<>();
        sdk.client
                .fineTuning()
                .jobs()
                .list(JobListParams.builder()
                        .limit(1)
                        .metadata(JobListParams.Metadata.builder()
                                .putAdditionalProperty("purpose", "journey")
                                .build())
                        .build())
                .autoPager()
                .forEach(each -> found.add(each.id()));
        assertThat(found).containsExactly(job.id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", ""})
    void aNullForMetadataSelectsTheJobsThatHaveNone(String asSdksWriteNull) {
        String plain = sdk.create(sdk.job(trainingFile, 1, 24)).id();
        List<String> found = new ArrayList<>();
        sdk.client
                .fineTuning()
                .jobs()
                .list(JobListParams.builder()
                        .putAdditionalQueryParam("metadata", asSdksWriteNull)
                        .build())
                .autoPager()
                .forEach(each -> found.add(each.id()));
        assertThat(found).contains(plain).doesNotContain(job.id());
    }

    private static List<String> entries(byte[] zip) throws IOException {
        List<String> names = new ArrayList<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }
}

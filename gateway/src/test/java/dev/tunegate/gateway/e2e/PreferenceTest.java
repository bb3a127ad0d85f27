package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.core.JsonValue;
import com.openai.core.ObjectMappers;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobCreateParams.Method;
import com.openai.models.finetuning.jobs.checkpoints.FineTuningJobCheckpoint;
import com.openai.models.finetuning.methods.DpoHyperparameters;
import com.openai.models.finetuning.methods.DpoMethod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Training on preferences, and going on from what a job has made. */
@ExtendWith(SharedGateway.class)
class PreferenceTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Sdk sdk;

    PreferenceTest(RunningGateway gateway) {
        sdk = gateway.sdk();
    }

    @Test
    void dpoLearnsWhatIsPreferredAndSaysHowFarItIs() {
        FineTuningJob job =
                sdk.awaitEnd(sdk.create(dpo(sdk.model, 6).validationFile(sdk.upload(ChatLines.preferences(10))))
                        .id());

        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(job.method().orElseThrow().type()).isEqualTo(FineTuningJob.Method.Type.DPO);
        DpoHyperparameters shown =
                job.method().orElseThrow().dpo().orElseThrow().hyperparameters().orElseThrow();
        assertThat(shown.beta().orElseThrow().asNumber()).as("auto").isEqualTo(0.1);
        List<JsonNode> steps = metrics(job.id());
        JsonNode first = steps.get(0);
        JsonNode last = steps.get(steps.size() - 1);
        assertThat(first.path("train_loss").asDouble()).as("ln 2").isBetween(0.69, 0.70);
        assertThat(first.path("rewards/margins").asDouble()).isZero();
        assertThat(last.path("train_loss").asDouble()).isLessThan(0.5);
        assertThat(last.path("rewards/chosen").asDouble())
                .isGreaterThan(last.path("rewards/rejected").asDouble());
        assertThat(last.path("rewards/accuracies").asDouble()).isEqualTo(1);
        assertThat(last.path("full_valid_rewards/accuracies").asDouble()).isEqualTo(1);
        List<FineTuningJobCheckpoint> checkpoints =
                sdk.client.fineTuning().jobs().checkpoints().list(job.id()).items();
        assertThat(checkpoints.get(0).metrics().fullValidLoss()).isPresent();
        JsonNode checkpoint = ObjectMappers.jsonMapper().valueToTree(checkpoints.get(0));
        assertThat(checkpoint.path("metrics").properties())
                .extracting(Map.Entry::getKey)
                .contains("rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies");
        assertThat(checkpoint.path("best").asBoolean()).isTrue();
        assertThat(sdk.content(job.resultFiles().get(0)))
                .startsWith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy,rewards/chosen,");
        sdk.answer(job.fineTunedModel().orElseThrow(), "Is 3 a number?");
    }

    @Test
    void linesOfAnotherFormFailTheJob() {
        FineTuningJob job = sdk.awaitEnd(sdk.create(dpo(sdk.model, 1).trainingFile(sdk.upload(ChatLines.of(10))))
                .id());
        assertThat(job.error().orElseThrow().message())
                .contains(
                        "is in the fine-tune-chat format, but the specified fine-tuning job is not using 'supervised' as"
                                + " the training method (provided method=dpo).");
    }

    @Test
    void aJobGoesOnFromAFineTunedModelWhereThatOneEnded() {
        String file = sdk.upload(ChatLines.of(10));
        FineTuningJob first = sdk.awaitEnd(sdk.create(sdk.job(file, 12, 10)).id());
        String model = first.fineTunedModel().orElseThrow();

        FineTuningJob second =
                sdk.awaitEnd(sdk.create(sdk.job(file, 2, 10).model(model)).id());

        assertThat(second.status()).as("%s", second.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(second.model()).isEqualTo(model);
        assertThat(second.fineTunedModel().orElseThrow())
                .startsWith("ft:" + sdk.model + ":")
                .isNotEqualTo(model);
        double ended = last(metrics(first.id())).path("train_loss").asDouble();
        double began = metrics(first.id()).get(0).path("train_loss").asDouble();
        double wentOn = metrics(second.id()).get(0).path("train_loss").asDouble();
        assertThat(wentOn).isCloseTo(ended, within((began - ended) / 4));
        sdk.answer(second.fineTunedModel().orElseThrow(), "Say 3.");
    }

    @Test
    void dpoHoldsAFineTunedModelToItself() {
        String file = sdk.upload(ChatLines.of(10));
        FineTuningJob first = sdk.awaitEnd(sdk.create(sdk.job(file, 4, 10)).id());

        FineTuningJob second = sdk.awaitEnd(
                sdk.create(dpo(first.fineTunedModel().orElseThrow(), 1)).id());

        assertThat(second.status()).as("%s", second.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        JsonNode begin = metrics(second.id()).get(0);
        assertThat(begin.path("rewards/chosen").asDouble())
                .as("policy and reference begin alike")
                .isZero();
        assertThat(begin.path("train_loss").asDouble()).isBetween(0.69, 0.70);
    }

    @Test
    void anotherShapeThanTheStartingAdaptersIsRefused() {
        String file = sdk.upload(ChatLines.of(10));
        String model = sdk.awaitEnd(sdk.create(sdk.job(file, 1, 10)).id())
                .fineTunedModel()
                .orElseThrow();

        FineTuningJob other = sdk.awaitEnd(sdk.create(dpo(model, 1, 8)).id());

        assertThat(other.error().orElseThrow().message())
                .isEqualTo(
                        "invalid lora_r: 8, must be \"auto\" or 2, as in the fine-tuned model that training continues"
                                + " from");
    }

    private JobCreateParams.Builder dpo(String model, int epochs) {
        return dpo(model, epochs, 2);
    }

    private JobCreateParams.Builder dpo(String model, int epochs, int rank) {
        return JobCreateParams.builder()
                .model(model)
                .trainingFile(sdk.upload(ChatLines.preferences(12)))
                .seed(7)
                .method(Method.builder()
                        .type(Method.Type.DPO)
                        .dpo(DpoMethod.builder()
                                .hyperparameters(DpoHyperparameters.builder()
                                        .nEpochs(epochs)
                                        .batchSize(6)
                                        .learningRateMultiplier(20.0)
                                        .putAdditionalProperty("lora_r", JsonValue.from(rank))
                                        .build())
                                .build())
                        .build());
    }

    private List<JsonNode> metrics(String jobId) {
        return sdk.events(jobId).stream()
                .filter(event -> event.type().equals(Optional.of(FineTuningJobEvent.Type.METRICS)))
                .map(event -> JSON.<JsonNode>valueToTree(event._data()))
                .toList();
    }

    private static JsonNode last(List<JsonNode> list) {
        return list.get(list.size() - 1);
    }
}

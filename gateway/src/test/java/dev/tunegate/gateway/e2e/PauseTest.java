package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedGateway.class)
class PauseTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final FineTuningJob.Status PAUSED = FineTuningJob.Status.of("paused");
    /** In one epoch, so that no checkpoint comes to the pause's help, and more than take the time in which a pause gets through. */
    private static final int STEPS = 32;

    private static final int BATCH = 8;

    private final Sdk sdk;

    PauseTest(RunningGateway gateway) {
        sdk = gateway.sdk();
    }

    @Test
    void aPausedJobMakesRoomForOthersAndComesToTheSameLossesAsAnUninterruptedOne() {
        String file = sdk.upload(ChatLines.longOnes(STEPS * BATCH));
        String paused = sdk.create(sdk.job(file, 1, BATCH)).id();
        String uninterrupted = sdk.create(sdk.job(file, 1, BATCH)).id();
        sdk.awaitEvent(paused, "Step 2/");

        assertThat(sdk.pause(paused).status()).isEqualTo(PAUSED);
        assertThat(sdk.awaitEnd(uninterrupted).status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(sdk.status(paused)).isEqualTo(PAUSED);
        int done = losses(paused).size();
        assertThat(done).isBetween(2, STEPS - 1);
        assertThat(sdk.client.fineTuning().jobs().resume(paused).status()).isEqualTo(FineTuningJob.Status.QUEUED);

        FineTuningJob job = sdk.awaitEnd(paused);
        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        List<Double> losses = losses(paused);
        List<Double> expected = losses(uninterrupted);
        assertThat(losses).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
            assertThat(losses.get(step)).as("step %d", step + 1).isCloseTo(expected.get(step), within(1e-6));
        }
        assertThat(sdk.messages(paused))
                .containsSubsequence(
                        "Fine-tuning job started",
                        "Fine-tuning job paused",
                        "Fine-tuning job resumed",
                        "The job has successfully completed")
                .noneMatch(message -> message.startsWith("The training starts again"));
    }

    /** Of every step, in order. */
    private List<Double> losses(String job) {
        return sdk.events(job).stream()
                .filter(event -> event.type().equals(Optional.of(FineTuningJobEvent.Type.METRICS)))
                .map(event -> JSON.<JsonNode>valueToTree(event._data())
                        .path("train_loss")
                        .asDouble())
                .toList();
    }
}

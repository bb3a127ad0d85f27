package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Trainings that are cancelled, paused, taken away or left alone for a while, and those that go on. */
class InterruptedTaskTest extends WorkerFixture {
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
}

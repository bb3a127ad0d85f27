package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.stop.Stop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs that are trained to their end: what they report, and what becomes the model. */
class TrainTaskTest extends WorkerFixture {
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
        AdapterZip.unpack(zip, dir.resolve("adapter"), Stop.NEVER);
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
        AdapterZip.unpack(zip, dir.resolve("adapter"), Stop.NEVER);
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
}

package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Jobs that cannot be trained, and what their owners are told. */
class FailedTaskTest extends WorkerFixture {
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
                model.resolve("config.json"),
                config.replace("\"hidden_size\": 64", "\"hidden_size\": 1048576")
                        .replace("\"num_attention_heads\": 4", "\"num_attention_heads\": 1024")
                        .replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 4096"));
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
}

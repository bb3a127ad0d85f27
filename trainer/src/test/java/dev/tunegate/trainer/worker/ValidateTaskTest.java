package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.stop.Stop;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is checked before a job is queued. */
class ValidateTaskTest extends WorkerFixture {
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
    void anAdapterThatDoesNotFitItsBaseFailsTheJobBeforeItIsQueued() throws Exception {
        Path adapter = Files.createDirectory(dir.resolve("adapter"));
        Path golden = Path.of("src/test/resources/golden/llama/adapter_init");
        Files.copy(golden.resolve("adapter_model.safetensors"), adapter.resolve("adapter_model.safetensors"));
        String config = Files.readString(golden.resolve("adapter_config.json"));
        Files.writeString(adapter.resolve("adapter_config.json"), config.replaceFirst("\"r\": \\d+", "\"r\": 9"));
        AdapterZip.pack(adapter, dir.resolve("adapter.zip"), Stop.NEVER);
        gateway.addModel("blob-adapter", "tiny", Files.readAllBytes(dir.resolve("adapter.zip")));
        gateway.offer("validate", "ftjob-1", job("{}").put("start_adapter", "blob-adapter"), null);
        start(false);

        JsonNode error = gateway.awaitFinish().path("error");
        assertThat(error.path("code").textValue()).isEqualTo("model_not_usable");
        assertThat(error.path("message").textValue())
                .contains("lora_A.weight has shape [", "; this model and rank need [9, 64]");
    }
}

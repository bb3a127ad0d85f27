package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.config.ConfigurationReader;
import dev.tunegate.gateway.e2e.ChatLines;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Train and ask a model of another host, under a name of one's own, through a gateway that has neither model nor trainer. */
@ExtendWith(SharedGateway.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class OtherHostTest {
    private final RunningGateway gpuBox;
    private TestGateway gateway;
    private OpenAIClient client;

    OtherHostTest(RunningGateway gpuBox) {
        gpuBox.client(); // waits until the base model is there
        this.gpuBox = gpuBox;
    }

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Path configuration = Files.writeString(directory.resolve("tunegate.yaml"), """
                upstreams:
                  - name: gpu-box
                    base_url: %s
                    api_key: ${GPU_BOX_KEY}
                    models: [tunegate-*]
                aliases:
                  gpt-4o-mini: tunegate-starter
                """.formatted(gpuBox.baseUrl()));
        Map<String, String> environment = Map.of("GPU_BOX_KEY", "sk-gpu-box-0123456789");
        gateway = new TestGateway(GatewayOptions.in(directory)
                .withRoutes(ConfigurationReader.read(configuration, environment).routes()));
        client = gateway.sdk();
    }

    @AfterAll
    void stop() {
        gateway.close();
    }

    @Test
    void aJobIsTrainedByTheOtherHost() throws Exception {
        String file = Jobs.upload(client, ChatLines.of(12));
        // tag::forwarded-job[]
        FineTuningJob job = client.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model("gpt-4o-mini") // the alias of a model that gpu-box has
                        .trainingFile(file)
                        .build());
        // end::forwarded-job[]
        FineTuningJob ended = Jobs.awaitEnd(client, job);
        assertThat(ended.status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(gpuBox.client().fineTuning().jobs().list().autoPager())
                .extracting(FineTuningJob::fineTunedModel)
                .contains(ended.fineTunedModel());
    }

    @Test
    void chatIsAnsweredByTheOtherHostUnderTheAlias() {
        // tag::chat-under-an-alias[]
        ChatCompletion answer = client.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model("gpt-4o-mini")
                        .addUserMessage("How many kites are there?")
                        .maxCompletionTokens(24)
                        .build());
        String model = answer.model(); // "gpt-4o-mini", though tunegate-starter has answered
        // end::chat-under-an-alias[]
        assertThat(model).isEqualTo("gpt-4o-mini");
        assertThat(answer.choices().get(0).message().content()).isPresent();
    }
}

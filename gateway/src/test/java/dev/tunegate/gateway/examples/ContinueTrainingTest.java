package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import dev.tunegate.gateway.e2e.ChatLines;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Go on training a model that a job has made. */
@ExtendWith(SharedGateway.class)
@Timeout(180)
class ContinueTrainingTest {
    private final OpenAIClient client;

    ContinueTrainingTest(RunningGateway gateway) {
        client = gateway.client();
    }

    @Test
    void aJobBeginsWithTheWeightsOfAFineTunedModel() throws Exception {
        String model = Jobs.model(client);
        String moreLines = Jobs.upload(client, ChatLines.of(12));
        // tag::continue-training[]
        FineTuningJob job = client.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model(model) // "ft:tunegate-starter:…"
                        .trainingFile(moreLines)
                        .build());
        // end::continue-training[]
        assertThat(Jobs.awaitEnd(client, job).fineTunedModel().orElseThrow())
                .startsWith("ft:tunegate-starter:")
                .isNotEqualTo(model);
    }
}

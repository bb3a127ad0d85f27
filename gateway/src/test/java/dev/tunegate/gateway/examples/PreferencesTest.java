package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobCreateParams.Method;
import com.openai.models.finetuning.methods.DpoHyperparameters;
import com.openai.models.finetuning.methods.DpoMethod;
import dev.tunegate.gateway.e2e.ChatLines;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Train on pairs of answers, of which one is preferred to the other. */
@ExtendWith(SharedGateway.class)
@Timeout(180)
class PreferencesTest {
    private final OpenAIClient client;

    PreferencesTest(RunningGateway gateway) {
        client = gateway.client();
    }

    @Test
    void aJobLearnsFromPreferences() throws Exception {
        String pairs = Jobs.upload(client, ChatLines.preferences(12));
        // tag::dpo[]
        DpoHyperparameters hyperparameters =
                DpoHyperparameters.builder().beta(0.1).nEpochs(2).build();
        FineTuningJob job = client.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model("tunegate-starter")
                        .trainingFile(pairs)
                        .method(Method.builder()
                                .type(Method.Type.DPO)
                                .dpo(DpoMethod.builder()
                                        .hyperparameters(hyperparameters)
                                        .build())
                                .build())
                        .build());
        // end::dpo[]
        assertThat(Jobs.awaitEnd(client, job).status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
    }
}

package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import com.openai.models.finetuning.jobs.JobCreateParams;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.e2e.ChatLines;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Let other jobs go first, without losing what a job has learnt. */
@ExtendWith(SharedGateway.class)
class PauseTest {
    private final OpenAIClient client;

    PauseTest(RunningGateway gateway) {
        client = gateway.client();
    }

    @Test
    void aRunningJobIsPausedAndResumed() {
        FineTuningJob job = client.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model("tunegate-starter")
                        .trainingFile(Jobs.upload(client, ChatLines.longOnes(100)))
                        .build());
        Eventually.is(() -> client.fineTuning().jobs().retrieve(job.id()).status(), Status.RUNNING);
        // tag::pause[]
        FineTuningJob paused = client.fineTuning().jobs().pause(job.id());
        // The trainer saves where it is and takes the next job.
        FineTuningJob resumed = client.fineTuning().jobs().resume(job.id());
        // end::pause[]
        assertThat(paused.status()).isEqualTo(Status.of("paused"));
        assertThat(resumed.status()).isEqualTo(Status.QUEUED);
        client.fineTuning().jobs().cancel(job.id());
    }
}

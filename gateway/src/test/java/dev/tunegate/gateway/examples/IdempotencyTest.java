package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobCreateParams.Metadata;
import com.openai.models.finetuning.jobs.JobListParams;
import dev.tunegate.gateway.e2e.ChatLines;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Create a job once, however often it is asked for, and find it again. */
@ExtendWith(SharedGateway.class)
class IdempotencyTest {
    private final OpenAIClient client;

    IdempotencyTest(RunningGateway gateway) {
        client = gateway.client();
    }

    @Test
    void aRepeatedRequestGetsTheSameJobWhichItsMetadataFinds() {
        String file = Jobs.upload(client, ChatLines.of(12));
        // tag::idempotency[]
        JobCreateParams nightly = JobCreateParams.builder()
                .model("tunegate-starter")
                .trainingFile(file)
                .metadata(Metadata.builder().putProperty("team", "harbour").build())
                .putAdditionalHeader("Idempotency-Key", "nightly-2026-11-29")
                .build();
        FineTuningJob job = client.fineTuning().jobs().create(nightly);
        FineTuningJob again = client.fineTuning().jobs().create(nightly); // the same job
        JobListParams ofTheTeam = JobListParams.builder()
                .metadata(JobListParams.Metadata.builder()
                        .putAdditionalProperty("team", "harbour")
                        .build())
                .build();
        Iterable<FineTuningJob> found =
                client.fineTuning().jobs().list(ofTheTeam).autoPager();
        // end::idempotency[]
        assertThat(again.id()).isEqualTo(job.id());
        assertThat(found).extracting(FineTuningJob::id).containsExactly(job.id());
        client.fineTuning().jobs().cancel(job.id());
    }
}

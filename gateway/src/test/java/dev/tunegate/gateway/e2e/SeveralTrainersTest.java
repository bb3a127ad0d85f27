package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.finetuning.jobs.FineTuningJob;
import dev.tunegate.gateway.Eventually;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Two trainers beside one gateway. */
class SeveralTrainersTest {
    private static final int EPOCHS = 20;
    private static final String DIED = "The worker stopped answering; the job goes on from ";

    @Test
    void twoJobsRunAtOnceAndOnesTrainerDiesWithoutTheOtherNoticing() throws Exception {
        try (RunningGateway gateway = RunningGateway.start(2)) {
            Sdk sdk = gateway.sdk();
            List<String> jobs = Stream.of(100, 101)
                    .map(lines -> sdk.create(sdk.job(sdk.upload(ChatLines.of(lines)), EPOCHS, 8))
                            .id())
                    .toList();
            jobs.forEach(job -> sdk.awaitEvent(job, "Checkpoint created at step "));
            assertThat(jobs)
                    .allSatisfy(job -> assertThat(sdk.job(job).status()).isEqualTo(FineTuningJob.Status.RUNNING));
            List<ProcessHandle> before = gateway.trainers();
            assertThat(before).hasSize(2);

            assertThat(before.get(0).destroyForcibly()).isTrue();

            List<ProcessHandle> after = Eventually.until(
                    Sdk.JOB_DEADLINE,
                    "a trainer in place of the one that was killed",
                    gateway::trainers,
                    trainers -> trainers.size() == 2 && !trainers.contains(before.get(0)));
            assertThat(after).contains(before.get(1));
            assertThat(jobs).allSatisfy(job -> {
                FineTuningJob end = sdk.awaitEnd(job);
                assertThat(end.status()).as("%s", end.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
            });
            assertThat(jobs)
                    .filteredOn(job -> sdk.messages(job).stream().anyMatch(message -> message.startsWith(DIED)))
                    .hasSize(1);
        }
    }
}

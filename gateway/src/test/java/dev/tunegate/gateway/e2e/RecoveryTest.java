package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What goes wrong around a job costs time, never the job. */
@ExtendWith(SharedGateway.class)
class RecoveryTest {
    private static final int EPOCHS = 20;

    private final RunningGateway gateway;
    private final Sdk sdk;

    RecoveryTest(RunningGateway gateway) {
        this.gateway = gateway;
        this.sdk = gateway.sdk();
    }

    @Test
    void aKilledTrainersJobGoesOnFromItsLastCheckpoint() {
        String id = sdk.create(sdk.job(sdk.upload(ChatLines.of(24)), EPOCHS, 8)).id();
        sdk.awaitEvent(id, "Checkpoint created at step ");

        gateway.killTrainer();

        assertSucceededWithEveryStepOnce(sdk.awaitEnd(id));
        assertThat(sdk.messages(id))
                .anyMatch(message -> message.matches("The worker stopped answering; the job goes on from step \\d+"));
    }

    @Test
    void aRestartedGatewayShowsTheSameJobsAndTheJobGoesOn() {
        String done = sdk.create(sdk.job(sdk.upload(ChatLines.of(10)), 1, 10)).id();
        FineTuningJob before = sdk.awaitEnd(done);
        String file = sdk.upload(ChatLines.of(24));
        String running = sdk.create(sdk.job(file, EPOCHS, 8)).id();
        String waiting = sdk.create(sdk.job(file, 1, 8)).id();
        sdk.awaitEvent(running, "Checkpoint created at step ");
        List<String> listed = jobs(sdk);

        gateway.restart();
        Sdk again = gateway.sdk();

        assertThat(jobs(again)).isEqualTo(listed);
        assertThat(again.job(done)).isEqualTo(before);
        assertThat(again.content(file)).hasLineCount(24);
        assertSucceededWithEveryStepOnce(again.awaitEnd(running));
        assertThat(again.awaitEnd(waiting).status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(again.answer(before.fineTunedModel().orElseThrow(), "Say 3."))
                .isNotEmpty();
    }

    @Test
    void twoJobsCreatedAtOnceAreBothTrained() {
        String first = sdk.upload(ChatLines.of(10));
        String second = sdk.upload(ChatLines.of(11));
        List<CompletableFuture<String>> created = Stream.of(first, second)
                .map(file -> CompletableFuture.supplyAsync(
                        () -> sdk.create(sdk.job(file, 1, 11)).id()))
                .toList();
        List<String> ids = created.stream().map(CompletableFuture::join).toList();
        assertThat(ids).doesNotHaveDuplicates();
        for (String id : ids) {
            assertThat(sdk.awaitEnd(id).status()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        }
    }

    private void assertSucceededWithEveryStepOnce(FineTuningJob job) {
        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        List<String> steps = gateway.sdk().events(job.id()).stream()
                .map(FineTuningJobEvent::message)
                .filter(message -> message.startsWith("Step "))
                .map(message -> message.substring(0, message.indexOf(':')))
                .toList();
        assertThat(steps).hasSize(3 * EPOCHS).doesNotHaveDuplicates();
    }

    private static List<String> jobs(Sdk sdk) {
        return sdk.client.fineTuning().jobs().list().items().stream()
                .map(FineTuningJob::id)
                .toList();
    }
}

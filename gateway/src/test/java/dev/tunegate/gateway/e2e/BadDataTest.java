package dev.tunegate.gateway.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.models.finetuning.jobs.FineTuningJob;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Files are taken as they come; it is the job that fails, and says why. */
@ExtendWith(SharedGateway.class)
class BadDataTest {
    private final Sdk sdk;

    BadDataTest(RunningGateway gateway) {
        sdk = gateway.sdk();
    }

    @Test
    void anEmptyFileHasTooFewExamples() {
        assertError(
                fail(new byte[0]),
                "invalid_n_examples",
                "Training file has 0 example(s), but must have at least 10 examples");
    }

    @Test
    void sevenExamplesAreTooFew() {
        assertError(
                fail(ChatLines.of(7)),
                "invalid_n_examples",
                "Training file has 7 example(s), but must have at least 10 examples");
    }

    @Test
    void aLineThatIsNotJsonIsNamedByItsNumber() {
        String lines = new String(ChatLines.of(12), StandardCharsets.UTF_8) + "{\"messages\": \n";
        assertThat(fail(lines.getBytes(StandardCharsets.UTF_8)).message())
                .startsWith("The job failed due to an invalid training file. Invalid file format.")
                .contains("13");
    }

    @Test
    void aBinaryFileIsNotTrainedOn() {
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        FineTuningJob.Error error = fail(noise);
        assertThat(error.code()).isEqualTo("invalid_training_file");
        assertThat(error.message()).startsWith("The job failed due to an invalid training file.");
        assertThat(error.message().length()).as(error.message()).isLessThan(500);
    }

    @Test
    void aBadValidationFileIsNamedAsSuch() {
        String validation = sdk.upload("{}\n".repeat(10).getBytes(StandardCharsets.UTF_8));
        FineTuningJob job = sdk.awaitEnd(
                sdk.create(sdk.job(sdk.upload(ChatLines.of(10)), 1, 10).validationFile(validation))
                        .id());
        assertThat(job.status()).isEqualTo(FineTuningJob.Status.FAILED);
        assertThat(job.error().orElseThrow().param()).hasValue("validation_file");
    }

    @Test
    void aLineLongerThanTheContextIsTruncatedAndTheJobSucceeds() {
        String huge = ChatLines.line(1).replace("Say 1.", "x ".repeat(500_000));
        String lines = new String(ChatLines.of(10), StandardCharsets.UTF_8) + huge + "\n";
        FineTuningJob job = sdk.awaitEnd(sdk.create(sdk.job(sdk.upload(lines.getBytes(StandardCharsets.UTF_8)), 1, 11))
                .id());
        assertThat(job.status()).as("%s", job.error()).isEqualTo(FineTuningJob.Status.SUCCEEDED);
        assertThat(sdk.messages(job.id())).anyMatch(message -> message.contains("truncated"));
    }

    @Test
    void aFileThatIsDeletedBeforeTheJobsTurnFailsTheJob() {
        String file = sdk.upload(ChatLines.of(24));
        String running = sdk.create(sdk.job(file, 50, 1)).id();
        sdk.awaitEvent(running, "Step ");
        String doomed = sdk.upload(ChatLines.of(10));
        String waiting = sdk.create(sdk.job(doomed, 1, 10)).id();
        sdk.awaitStatus(waiting, FineTuningJob.Status.QUEUED);

        sdk.client.files().delete(doomed);
        sdk.client.fineTuning().jobs().cancel(running);

        FineTuningJob failed = sdk.awaitEnd(waiting);
        assertThat(failed.status()).isEqualTo(FineTuningJob.Status.FAILED);
        assertError(
                failed.error().orElseThrow(),
                "deleted_training_file",
                "The job failed because the training file was deleted");
    }

    /** Uploads the bytes, trains on them, and returns the error that the job fails with. */
    private FineTuningJob.Error fail(byte[] content) {
        FineTuningJob job =
                sdk.awaitEnd(sdk.create(sdk.job(sdk.upload(content), 1, 10)).id());
        assertThat(job.status()).isEqualTo(FineTuningJob.Status.FAILED);
        assertThat(job.error().orElseThrow().param()).hasValue("training_file");
        return job.error().orElseThrow();
    }

    private static void assertError(FineTuningJob.Error error, String code, String message) {
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.message()).isEqualTo(message);
    }
}

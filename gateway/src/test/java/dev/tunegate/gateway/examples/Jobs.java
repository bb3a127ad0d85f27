package dev.tunegate.gateway.examples;

import com.openai.client.OpenAIClient;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobCreateParams.Method;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import dev.tunegate.gateway.e2e.ChatLines;
import java.io.ByteArrayInputStream;
import java.util.Set;

/** What stands before and after the lines that an example shows. */
final class Jobs {
    private static final Set<Status> ENDED = Set.of(Status.SUCCEEDED, Status.FAILED, Status.CANCELLED);

    private Jobs() {}

    static String upload(OpenAIClient client, byte[] lines) {
        return client.files()
                .create(FileCreateParams.builder()
                        .file(new ByteArrayInputStream(lines))
                        .purpose(FilePurpose.FINE_TUNE)
                        .build())
                .id();
    }

    /** Makes a fine-tuned model in one step. */
    static String model(OpenAIClient client) throws InterruptedException {
        SupervisedHyperparameters one =
                SupervisedHyperparameters.builder().nEpochs(1).batchSize(12).build();
        FineTuningJob job = client.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model("tunegate-starter")
                        .trainingFile(upload(client, ChatLines.of(12)))
                        .method(Method.builder()
                                .type(Method.Type.SUPERVISED)
                                .supervised(SupervisedMethod.builder()
                                        .hyperparameters(one)
                                        .build())
                                .build())
                        .build());
        return awaitEnd(client, job).fineTunedModel().orElseThrow();
    }

    /** Waits for the end; {@code @Timeout} of the test says how long. */
    static FineTuningJob awaitEnd(OpenAIClient client, FineTuningJob job) throws InterruptedException {
        FineTuningJob now = job;
        while (!ENDED.contains(now.status())) {
            Thread.sleep(100);
            now = client.fineTuning().jobs().retrieve(job.id());
        }
        return now;
    }
}

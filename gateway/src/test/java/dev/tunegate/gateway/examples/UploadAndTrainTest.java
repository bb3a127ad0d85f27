package dev.tunegate.gateway.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJob.Status;
import com.openai.models.finetuning.jobs.JobCreateParams;
import dev.tunegate.gateway.e2e.ChatLines;
import dev.tunegate.gateway.e2e.RunningGateway;
import dev.tunegate.gateway.e2e.SharedGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Train on a file, and ask the model that comes of it. */
@ExtendWith(SharedGateway.class)
@Timeout(180)
class UploadAndTrainTest {
    private final String gateway;

    UploadAndTrainTest(RunningGateway running) {
        running.client(); // waits until the base model is there
        gateway = running.baseUrl().toString();
    }

    @Test
    void aJobTrainsOnAnUploadedFileAndItsModelAnswers(@TempDir Path directory) throws Exception {
        Path lines = Files.write(directory.resolve("train.jsonl"), ChatLines.of(12));
        // tag::upload-and-train[]
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(gateway) // "http://localhost:8080/v1"
                .apiKey("none")
                .build();
        FileObject file = client.files()
                .create(FileCreateParams.builder()
                        .file(lines)
                        .purpose(FilePurpose.FINE_TUNE)
                        .build());
        FineTuningJob job = client.fineTuning()
                .jobs()
                .create(JobCreateParams.builder()
                        .model("tunegate-starter")
                        .trainingFile(file.id())
                        .build());
        List<Status> ended = List.of(Status.SUCCEEDED, Status.FAILED, Status.CANCELLED);
        while (!ended.contains(job.status())) {
            Thread.sleep(500);
            job = client.fineTuning().jobs().retrieve(job.id());
        }
        ChatCompletion answer = client.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model(job.fineTunedModel().orElseThrow())
                        .addUserMessage("Say 3.")
                        .build());
        // end::upload-and-train[]
        assertThat(job.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(answer.model()).startsWith("ft:tunegate-starter:");
        assertThat(answer.choices().get(0).message().content()).isPresent();
    }
}

package dev.tunegate.gateway.e2e;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.http.HttpResponse;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.FineTuningJobEvent;
import com.openai.models.finetuning.jobs.JobCreateParams;
import com.openai.models.finetuning.jobs.JobCreateParams.Method;
import com.openai.models.finetuning.methods.SupervisedHyperparameters;
import com.openai.models.finetuning.methods.SupervisedMethod;
import dev.tunegate.gateway.ContractChecker;
import dev.tunegate.gateway.Eventually;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/** The official SDK with its response validation on, every answer held against the contract as well, and the few sequences of calls that most tests share. */
final class Sdk {
    /** A training and its trainer's start take a few seconds on an idle machine, and minutes where much else runs. */
    static final Duration JOB_DEADLINE = Duration.ofMinutes(4);

    private static final Set<FineTuningJob.Status> FINAL =
            Set.of(FineTuningJob.Status.SUCCEEDED, FineTuningJob.Status.FAILED, FineTuningJob.Status.CANCELLED);

    private static final ContractChecker CONTRACT = new ContractChecker();

    final OpenAIClient client;
    final String model;

    /** @param model the base model that jobs train */
    Sdk(URI baseUrl, String model) {
        this.client = OpenAIOkHttpClient.builder()
                .baseUrl(baseUrl.toString())
                .apiKey("none-needed-on-loopback")
                .responseValidation(true)
                .addInterceptor(Sdk::checkAgainstContract)
                .maxRetries(0)
                .timeout(Duration.ofMinutes(1))
                .build();
        this.model = model;
    }

    private static Response checkAgainstContract(Interceptor.Chain chain) throws IOException {
        Request request = chain.request();
        Response response = chain.proceed(request);
        String type = response.header("content-type");
        if (type != null && type.startsWith("application/json")) {
            CONTRACT.check(
                    request.method(),
                    request.url().encodedPath(),
                    response.code(),
                    type,
                    response.peekBody(Long.MAX_VALUE).string());
        }
        return response;
    }

    /** The trainer starts beside the gateway; its models are ready once it has asked for work. */
    void awaitModel() {
        Eventually.until(
                JOB_DEADLINE,
                "the model " + model + " is ready",
                () -> client.models().list().items().stream()
                        .filter(listed -> listed.id().equals(model))
                        .map(Object::toString) // with the extension `tunegate`
                        .findFirst(),
                listed -> listed.filter(text -> text.contains("state=ready")).isPresent());
    }

    String upload(byte[] content) {
        return upload("lines.jsonl", content).id();
    }

    FileObject upload(String filename, byte[] content) {
        return client.files()
                .create(FileCreateParams.builder()
                        .purpose(FilePurpose.FINE_TUNE)
                        .file(MultipartField.<InputStream>builder()
                                .value(new ByteArrayInputStream(content))
                                .filename(filename)
                                .build())
                        .build());
    }

    /** A job's parameters with the smallest adapter; to be completed by the test. */
    JobCreateParams.Builder job(String trainingFile, int epochs, int batchSize) {
        return JobCreateParams.builder()
                .model(model)
                .trainingFile(trainingFile)
                .seed(7)
                .method(Method.builder()
                        .type(Method.Type.SUPERVISED)
                        .supervised(SupervisedMethod.builder()
                                .hyperparameters(SupervisedHyperparameters.builder()
                                        .nEpochs(epochs)
                                        .batchSize(batchSize)
                                        .putAdditionalProperty("lora_r", JsonValue.from(2))
                                        .build())
                                .build())
                        .build());
    }

    FineTuningJob create(JobCreateParams.Builder job) {
        return client.fineTuning().jobs().create(job.build());
    }

    FineTuningJob job(String id) {
        return client.fineTuning().jobs().retrieve(id);
    }

    /** The SDK's validation does not know the status "paused", with which it is answered. */
    FineTuningJob pause(String id) {
        return withoutValidation().fineTuning().jobs().pause(id);
    }

    FineTuningJob.Status status(String id) {
        return withoutValidation().fineTuning().jobs().retrieve(id).status();
    }

    OpenAIClient withoutValidation() {
        return client.withOptions(options -> options.responseValidation(false));
    }

    FineTuningJob awaitEnd(String jobId) {
        return Eventually.until(
                JOB_DEADLINE, "the end of " + jobId, () -> job(jobId), job -> FINAL.contains(job.status()));
    }

    FineTuningJob awaitStatus(String jobId, FineTuningJob.Status status) {
        return Eventually.until(
                JOB_DEADLINE,
                jobId + " is " + status,
                () -> job(jobId),
                job -> job.status().equals(status));
    }

    /** Waits until an event's message begins so. */
    void awaitEvent(String jobId, String beginning) {
        Eventually.until(
                JOB_DEADLINE,
                "an event '" + beginning + "…' of " + jobId,
                () -> messages(jobId),
                messages -> messages.stream().anyMatch(message -> message.startsWith(beginning)));
    }

    /** All events, oldest first. */
    List<FineTuningJobEvent> events(String jobId) {
        List<FineTuningJobEvent> events = new ArrayList<>();
        client.fineTuning().jobs().listEvents(jobId).autoPager().forEach(events::add);
        Collections.reverse(events);
        return events;
    }

    /** The events' messages, oldest first. */
    List<String> messages(String jobId) {
        return events(jobId).stream().map(FineTuningJobEvent::message).toList();
    }

    String content(String fileId) {
        return new String(bytes(fileId), StandardCharsets.UTF_8);
    }

    byte[] bytes(String fileId) {
        try (HttpResponse response = client.files().content(fileId)) {
            return response.body().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The most likely answer of a model, in one piece. */
    String answer(String model, String question) {
        return client.chat()
                .completions()
                .create(question(model, question).build())
                .choices()
                .get(0)
                .message()
                .content()
                .orElseThrow();
    }

    /** The most likely answer of a model, joined from its chunks. */
    String streamedAnswer(String model, String question) {
        try (StreamResponse<ChatCompletionChunk> chunks = client.chat()
                .completions()
                .createStreaming(question(model, question).build())) {
            return chunks.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .collect(Collectors.joining());
        }
    }

    private static ChatCompletionCreateParams.Builder question(String model, String question) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage(question)
                .temperature(0)
                .maxCompletionTokens(12);
    }
}

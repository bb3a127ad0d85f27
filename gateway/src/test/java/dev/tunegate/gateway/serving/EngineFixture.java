package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.tunegate.gateway.ApiClient;
import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.JobClient;
import dev.tunegate.gateway.TestGateway;
import dev.tunegate.gateway.TestWorker;
import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.config.EngineKind;
import dev.tunegate.gateway.db.Await;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/** A gateway whose base model {@code base} an engine answers with, and a worker that makes models of it. */
final class EngineFixture implements AutoCloseable {
    static final String CONFIG = "{\"peft_type\":\"LORA\",\"r\":2}";

    private final TestGateway gateway;
    private final ApiClient client;
    private final JobClient jobs;
    private final TestWorker worker;

    EngineFixture(Path dataDir, EngineConfig serving) {
        gateway = new TestGateway(
                GatewayOptions.in(dataDir).withServing(List.of(serving)).withLookEvery(TestGateway.LOOK_EVERY));
        client = gateway.client();
        jobs = new JobClient(client);
        worker = gateway.worker("w", "base");
    }

    /** An entry for {@code base}, which the engine calls so as well. */
    static EngineConfig serving(
            EngineKind engine, String url, @Nullable String key, EngineConfig.@Nullable SharedDirectory directory) {
        return new EngineConfig(
                "base", engine, URI.create(url), key, "base", directory, Duration.ofSeconds(20), Duration.ofSeconds(2));
    }

    TestGateway gateway() {
        return gateway;
    }

    ApiClient client() {
        return client;
    }

    /** The name of a new model whose adapter has these weights. */
    String train(String weights) {
        return train(adapter(Map.of("adapter_config.json", CONFIG, "adapter_model.safetensors", weights)));
    }

    String train(byte[] adapter) {
        String job = jobs.create("base");
        worker.validate();
        assertThat(worker.succeed(worker.mustClaim("train"), adapter).status()).isEqualTo(200);
        return jobs.get(job).path("fine_tuned_model").asText();
    }

    /** A zip as workers upload them. */
    static byte[] adapter(Map<String, String> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, String> file : new LinkedHashMap<>(files).entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.ISO_8859_1));
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    JsonNode state(String model) {
        return client.get("/v1/models/" + model).json().path("tunegate");
    }

    void awaitState(String model, String state) {
        Eventually.is(() -> state(model).path("state").asText(), state);
    }

    void awaitReason(String model, String part) {
        Eventually.is(
                () -> state(model).path("reason").asText().contains(part)
                        ? part
                        : state(model).path("reason").asText(),
                part);
    }

    /** Each look has time pass, so that what waits for its next try has it at once. */
    void retryUntilState(String model, String state) {
        Eventually.is(() -> afterAPause(model).path("state").asText(), state);
    }

    void retryUntilReason(String model, String part) {
        Eventually.is(
                () -> {
                    String reason = afterAPause(model).path("reason").asText();
                    return reason.contains(part) ? part : reason;
                },
                part);
    }

    private JsonNode afterAPause(String model) {
        gateway.database().advance(Duration.ofMinutes(10));
        worker.claim("train"); // else it would count as gone
        return state(model);
    }

    /**
     * From now on nobody looks whether the engine still has what is ready, which otherwise happens every ten seconds: for
     * tests of what a client is told before anybody has noticed. What was being looked at has been seen to its end.
     */
    void lookAway() {
        Eventually.is(
                () -> {
                    gateway.database()
                            .execute("update servings set due_at = tunegate_now() + interval '1 day'"
                                    + " where state = 'ready' and lease_until is null");
                    return Await.await(gateway.database()
                                    .database()
                                    .pool()
                                    .query(
                                            "select count(*) from servings where due_at < tunegate_now() + interval '1 hour'")
                                    .execute())
                            .iterator()
                            .next()
                            .getLong(0);
                },
                0L);
    }

    Answer delete(String model) {
        return client.delete("/v1/models/" + model);
    }

    Answer chat(String model) {
        return client.post(
                "/v1/chat/completions",
                "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
    }

    /** What the model says, which is what its adapter's weights are. */
    String answer(String model) {
        Answer answer = chat(model);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().path("model").asText()).isEqualTo(model);
        return answer.json().at("/choices/0/message/content").asText();
    }

    /** OpenAI's own client, which checks what it gets. */
    OpenAIClient sdk() {
        return gateway.sdk();
    }

    String sdkAnswer(String model) {
        return sdk().chat()
                .completions()
                .create(question(model))
                .choices()
                .get(0)
                .message()
                .content()
                .orElseThrow();
    }

    String sdkStreamedAnswer(String model) {
        try (StreamResponse<ChatCompletionChunk> chunks =
                sdk().chat().completions().createStreaming(question(model))) {
            return chunks.stream()
                    .peek(chunk -> assertThat(chunk.model()).isEqualTo(model))
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .collect(Collectors.joining());
        }
    }

    private static ChatCompletionCreateParams question(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage("hi")
                .build();
    }

    @Override
    public void close() {
        gateway.close();
    }
}

package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import dev.tunegate.gateway.config.EngineKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models answer in llama.cpp's server once somebody has converted them and started it with them; it is played by a stub. */
class LlamaCppTest {
    private final LlamaCppStub server = new LlamaCppStub();

    @TempDir
    private Path directory;

    private Path adapters;
    private EngineFixture fixture;

    @BeforeEach
    void start() throws IOException {
        adapters = Files.createDirectory(directory.resolve("adapters"));
        fixture = new EngineFixture(
                directory.resolve("data"),
                EngineFixture.serving(
                        EngineKind.LLAMA_CPP, server.url(), null, new SharedDirectory(adapters, "/mnt/adapters")));
    }

    @AfterEach
    void stop() {
        fixture.close();
        server.close();
    }

    @Test
    void whatIsAwaitedIsSaidStepByStep() throws IOException {
        String model = fixture.train("one");
        fixture.awaitReason(model, "is awaited in adapters_dir");
        assertThat(fixture.state(model).path("state").asText()).isIn("waiting", "loading");
        String name = names().get(0);
        assertThat(fixture.state(model).path("reason").asText())
                .isEqualTo(
                        "the file " + name + ".gguf is awaited in adapters_dir: make it with convert_lora_to_gguf.py of"
                                + " llama.cpp from the directory " + name
                                + ", and start llama-server with --lora /mnt/adapters/" + name + ".gguf");
        assertThat(adapters.resolve(name).resolve("adapter_model.safetensors")).hasContent("one");

        Files.writeString(adapters.resolve(name + ".gguf"), "GGUF");
        fixture.retryUntilReason(
                model,
                "llama-server loads adapters when it starts: start llama-server with --lora /mnt/adapters/" + name
                        + ".gguf");
        server.restartWith("/mnt/adapters/" + name + ".gguf");
        fixture.retryUntilState(model, "ready");
        assertThat(fixture.answer(model)).isEqualTo(name + ".gguf");
        assertThat(fixture.sdkAnswer(model)).isEqualTo(name + ".gguf");
        assertThat(fixture.sdkStreamedAnswer(model)).isEqualTo(name + ".gguf");
    }

    @Test
    void eachRequestSaysWhichAdapterCountsAndTheOthersDoNot() {
        String one = trainAndName("one");
        String two = trainAndName("two");
        server.restartWith(ggufOf(one), "other/else.gguf", ggufOf(two));
        fixture.retryUntilState(one, "ready");
        fixture.retryUntilState(two, "ready");
        fixture.retryUntilState("base", "ready");
        fixture.lookAway();
        assertThat(fixture.answer(one)).isEqualTo(names.get(one) + ".gguf");
        assertThat(fixture.answer(two)).isEqualTo(names.get(two) + ".gguf");
        assertThat(fixture.answer("base")).isEqualTo("the base model");
        Answer sneaky = fixture.client()
                .post(
                        "/v1/chat/completions",
                        "{\"model\":\"base\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
                                + "\"lora\":[{\"id\":0,\"scale\":1}]}");
        assertThat(sneaky.json().at("/choices/0/message/content").asText()).isEqualTo("the base model");
    }

    @Test
    void whenItsAdaptersHaveOtherNumbersTheRightOneStillAnswers() {
        String one = trainAndName("one");
        String two = trainAndName("two");
        server.restartWith(ggufOf(one), ggufOf(two));
        fixture.retryUntilState(one, "ready");
        fixture.retryUntilState(two, "ready");
        fixture.retryUntilState("base", "ready");
        fixture.lookAway();
        server.restartWith(ggufOf(two));
        assertThat(fixture.answer(two)).isEqualTo(names.get(two) + ".gguf");
        Answer gone = fixture.chat(one);
        assertThat(gone.status()).isEqualTo(503);
        assertThat(gone.error("code")).isEqualTo("model_loading");
        assertThat(gone.error("message")).contains("llama-server was started without " + names.get(one) + ".gguf");
    }

    /** The engine's names of models, by theirs. */
    private final Map<String, String> names = new HashMap<>();

    private String trainAndName(String weights) {
        List<String> before = names();
        String model = fixture.train(weights);
        fixture.awaitReason(model, "is awaited");
        names.put(
                model,
                names().stream()
                        .filter(name -> !before.contains(name))
                        .findFirst()
                        .orElseThrow());
        return model;
    }

    private String ggufOf(String model) {
        return "adapters/" + names.get(model) + ".gguf";
    }

    @Test
    void whileItReadsItsModelItIsWaitedFor() {
        server.loadModel(true);
        fixture.retryUntilReason("base", "GET /lora-adapters was answered with 503: Loading model");
        fixture.retryUntilState("base", "waiting");
        server.loadModel(false);
        fixture.retryUntilState("base", "ready");
    }

    @Test
    void aDeletedModelsFilesGoButNotTheOneThatSomebodyElseMade() throws IOException {
        String model = fixture.train("one");
        fixture.awaitReason(model, "is awaited");
        String name = names().get(0);
        Files.writeString(adapters.resolve(name + ".gguf"), "GGUF");
        fixture.delete(model);
        Eventually.is(this::names, List.of(name + ".gguf"));
    }

    private List<String> names() {
        try (Stream<Path> entries = Files.list(adapters)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

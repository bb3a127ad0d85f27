package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.ApiClient.Answer;
import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.config.EngineConfig.SharedDirectory;
import dev.tunegate.gateway.config.EngineKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models move into vLLM, stay there, and leave it; it is played by a stub. */
class VllmTest {
    private static final String KEY = "vllm-s3cret-key";

    private final VllmStub vllm = new VllmStub("base");

    @TempDir
    private Path directory;

    private Path adapters;
    private EngineFixture fixture;

    @BeforeEach
    void start() throws IOException {
        adapters = Files.createDirectory(directory.resolve("adapters"));
        vllm.requireKey(KEY);
        vllm.mount(adapters);
        fixture = new EngineFixture(
                directory.resolve("data"),
                EngineFixture.serving(
                        EngineKind.VLLM, vllm.url(), KEY, new SharedDirectory(adapters, "/mnt/adapters")));
    }

    @AfterEach
    void stop() {
        fixture.close();
        vllm.close();
    }

    @Test
    void aNewModelIsLoadedAndAnswers() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        assertThat(fixture.state(model).toString())
                .isEqualTo("{\"serving\":\"vllm\",\"state\":\"ready\",\"reason\":null}");
        assertThat(vllm.adapters()).singleElement().asString().matches("tunegate-[a-z0-9]{24}");
        Path adapter = adapters.resolve(vllm.adapters().iterator().next());
        assertThat(names(adapters)).containsExactly(adapter.getFileName().toString());
        assertThat(names(adapter)).containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
        assertThat(fixture.answer(model)).isEqualTo("one");
    }

    @Test
    void theBaseModelIsServedByItToo() {
        fixture.awaitState("base", "ready");
        assertThat(fixture.client()
                        .get("/v1/models")
                        .json()
                        .at("/data/0/tunegate/serving")
                        .asText())
                .isEqualTo("vllm");
        assertThat(fixture.answer("base")).isEqualTo("the base model");
    }

    @Test
    void itsModelsAnswerWhileNoWorkerIsThere() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        fixture.gateway().database().execute("delete from workers");
        assertThat(fixture.client().get("/v1/models").json().path("data").findValuesAsText("id"))
                .contains("base", model);
        assertThat(fixture.state("base").path("state").asText()).isEqualTo("ready");
        assertThat(fixture.answer("base")).isEqualTo("the base model");
        assertThat(fixture.answer(model)).isEqualTo("one");
    }

    @Test
    void untilAModelIsReadyItsCallersAreToldSo() {
        vllm.misbehaveAt("/v1/load_lora_adapter", request -> {});
        String model = fixture.train("one");
        Answer loading = fixture.chat(model);
        assertThat(loading.status()).isEqualTo(503);
        assertThat(loading.error("code")).isEqualTo("model_loading");
        assertThat(loading.error("message")).startsWith("This model is not ready at vllm yet (");
        assertThat(loading.header("retry-after")).isEqualTo("2");
        vllm.behave();
        vllm.withoutRuntimeUpdating();
        fixture.retryUntilReason(model, "Start vLLM with --enable-lora");
        fixture.awaitState(model, "failed");
        AtomicReference<Answer> answer = new AtomicReference<>(loading);
        Eventually.is( // while it is tried again it is loading
                () -> {
                    answer.set(fixture.chat(model));
                    return String.valueOf(answer.get().error("code"));
                },
                "model_not_served");
        Answer failed = answer.get();
        assertThat(failed.status()).isEqualTo(503);
        assertThat(failed.error("message"))
                .startsWith("vllm does not answer with this model: POST /v1/load_lora_adapter was answered with 404")
                .endsWith("VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in its environment. It is tried again.");
    }

    @Test
    void aModelStaysReadyWhileAnotherIsLoadedForLong() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        fixture.awaitState("base", "ready");
        AtomicBoolean isLoading = new AtomicBoolean();
        vllm.misbehaveAt("/v1/load_lora_adapter", request -> isLoading.set(true));
        String other = fixture.train("two");
        Eventually.is(isLoading::get, true);
        fixture.gateway().database().advance(Duration.ofSeconds(15)); // the first one is to be looked at again
        AtomicBoolean isAsked = new AtomicBoolean();
        vllm.misbehaveAt("/v1/chat/completions", request -> isAsked.set(true));
        Eventually.is(isAsked::get, true);
        assertThat(fixture.state(model).path("state").asText()).isEqualTo("ready");
        assertThat(fixture.state("base").path("state").asText()).isEqualTo("ready");
        vllm.behave();
        assertThat(fixture.answer(model)).isEqualTo("one");
        fixture.retryUntilState(other, "ready");
    }

    @Test
    void aClientThatFindsItsModelLostHasItLoadedAgain() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        fixture.awaitState("base", "ready");
        fixture.lookAway();
        vllm.restart();
        Answer lost = fixture.chat(model);
        assertThat(lost.status()).as(lost.body()).isEqualTo(503);
        assertThat(lost.error("code")).isEqualTo("model_loading");
        Eventually.is(() -> fixture.chat(model).status(), 200);
        assertThat(fixture.answer(model)).isEqualTo("one");
    }

    @Test
    void eachModelAnswersForItself() {
        String one = fixture.train("one");
        String two = fixture.train("two");
        fixture.awaitState(one, "ready");
        fixture.awaitState(two, "ready");
        assertThat(fixture.answer(one)).isEqualTo("one");
        assertThat(fixture.answer(two)).isEqualTo("two");
        fixture.delete(one);
        assertThat(fixture.chat(one).error("code")).isEqualTo("model_not_found");
        assertThat(fixture.answer(two)).isEqualTo("two");
    }

    @Test
    void whenItWasStartedAnewTheModelIsLoadedAgain() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        Set<String> names = vllm.adapters();
        vllm.restart();
        Eventually.is(
                () -> {
                    fixture.retryUntilState(model, "ready");
                    return vllm.adapters();
                },
                names);
    }

    @Test
    void aDeletedModelIsUnloadedAndItsFilesGo() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        assertThat(fixture.delete(model).status()).isEqualTo(200);
        Eventually.is(vllm::adapters, Set.of());
        Eventually.is(() -> names(adapters), List.of());
    }

    @Test
    void aModelThatIsDeletedWhileItIsAwayIsUnloadedLater() {
        String model = fixture.train("one");
        String other = fixture.train("two");
        fixture.awaitState(model, "ready");
        fixture.awaitState(other, "ready");
        vllm.stop();
        fixture.delete(model);
        fixture.retryUntilReason(other, "it takes no connections (is it running?)");
        fixture.retryUntilState(other, "waiting");
        vllm.start();
        fixture.retryUntilState(other, "ready");
        Eventually.is(() -> names(adapters).size(), 1);
        assertThat(vllm.adapters()).hasSize(1);
    }

    @Test
    void aNameIsNeverGivenTwice() {
        String first = fixture.train("one");
        fixture.awaitState(first, "ready");
        fixture.delete(first);
        Eventually.is(vllm::adapters, Set.of());
        String second = fixture.train("two");
        fixture.awaitState(second, "ready");
        assertThat(vllm.namesEver()).hasSize(2);
    }

    @Test
    void itIsNotBelievedWhenTheModelDoesNotAnswer() {
        vllm.forgetWhatIsLoaded(true);
        String model = fixture.train("one");
        fixture.awaitState(model, "failed");
        assertThat(fixture.state(model).path("reason").asText())
                .startsWith("A first question to it was answered with 404: The model `tunegate-")
                .endsWith("` does not exist.");
        vllm.forgetWhatIsLoaded(false);
        fixture.retryUntilState(model, "ready");
    }

    @Test
    void withoutRuntimeUpdatingItSaysHowToStartVllm() {
        vllm.withoutRuntimeUpdating();
        String model = fixture.train("one");
        fixture.awaitState(model, "failed");
        assertThat(fixture.state(model).path("reason").asText())
                .isEqualTo(
                        "POST /v1/load_lora_adapter was answered with 404: Not Found. Start vLLM with --enable-lora and"
                                + " with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True in its environment");
        vllm.withRuntimeUpdating();
        fixture.retryUntilState(model, "ready");
    }

    @Test
    void aDirectoryThatItDoesNotSeeIsSaidWithThePlaceWhereItLooked() {
        vllm.mount(directory.resolve("elsewhere"));
        String model = fixture.train("one");
        fixture.awaitState(model, "failed");
        assertThat(fixture.state(model).path("reason").asText())
                .contains("No adapter found for /mnt/adapters/tunegate-")
                .endsWith("does it see the adapters_dir there? engine_dir says where it does");
    }

    @Test
    void aWrongKeyIsSaidAndNotRepeated() {
        vllm.requireKey("another");
        String model = fixture.train("one");
        fixture.awaitState(model, "failed");
        assertThat(fixture.state(model).path("reason").asText())
                .contains("was answered with 401: Unauthorized: Bearer ****")
                .contains("Its key belongs at api_key")
                .doesNotContain(KEY);
    }

    @Test
    void oneThatIsSlowOrSpeaksAnotherLanguageIsWaitedFor() {
        vllm.misbehave(request ->
                request.response().putHeader("content-type", "text/html").end("<html>It works!</html>"));
        fixture.retryUntilReason("base", "GET /v1/models was answered with something else than a list");
        vllm.misbehave(request -> request.response().setStatusCode(503).end("busy"));
        fixture.retryUntilReason("base", "GET /v1/models was answered with 503: busy");
        vllm.misbehave(request -> request.connection().close());
        fixture.retryUntilReason("base", "GET /v1/models was not answered: the connection broke");
        vllm.misbehave(request -> request.response()
                .setStatusCode(302)
                .putHeader("location", "http://127.0.0.1:9/")
                .end());
        fixture.retryUntilReason("base", "GET /v1/models was answered with 302");
        vllm.behave();
        fixture.retryUntilState("base", "ready");
    }

    @Test
    void aLoadThatIsNotAnsweredIsGivenUpAndTriedAgain() {
        fixture.awaitState("base", "ready");
        vllm.misbehave(request -> {
            if (EngineStub.path(request).equals("/v1/models")) {
                request.response().end("{\"data\":[{\"id\":\"base\"}]}");
            }
        });
        String model = fixture.train("one");
        fixture.awaitReason(model, "POST /v1/load_lora_adapter was not answered within 2 s");
        vllm.behave();
        fixture.retryUntilState(model, "ready");
    }

    @Test
    void ofAZipOnlyTheTwoFilesAreTakenAndNothingGoesElsewhere() {
        String model = fixture.train(EngineFixture.adapter(Map.of(
                "adapter_config.json",
                EngineFixture.CONFIG,
                "adapter_model.safetensors",
                "one",
                "../../escaped.txt",
                "x",
                "pytorch_model.bin",
                "x")));
        fixture.awaitState(model, "ready");
        Path adapter = adapters.resolve(vllm.adapters().iterator().next());
        assertThat(names(adapter)).containsExactlyInAnyOrder("adapter_config.json", "adapter_model.safetensors");
        assertThat(names(directory)).containsExactlyInAnyOrder("adapters", "data");
    }

    @Test
    void anAdapterThatIsNoneIsSaid() {
        String noZip = fixture.train("just text".getBytes(StandardCharsets.UTF_8));
        String halfZip = fixture.train(EngineFixture.adapter(Map.of("adapter_model.safetensors", "one")));
        String tooLarge = fixture.train(EngineFixture.adapter(
                Map.of("adapter_config.json", "x".repeat((1 << 20) + 1), "adapter_model.safetensors", "one")));
        fixture.awaitReason(noZip, "the stored adapter is not what it should be");
        fixture.awaitReason(halfZip, "it has no adapter_config.json");
        fixture.awaitReason(tooLarge, "adapter_config.json in it has more than 1048576 bytes");
        Eventually.is(() -> names(adapters), List.of()); // while it is tried again there may be half a directory
    }

    private static List<String> names(Path of) {
        try (Stream<Path> entries = Files.list(of)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

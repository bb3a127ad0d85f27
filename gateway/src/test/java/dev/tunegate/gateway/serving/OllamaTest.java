package dev.tunegate.gateway.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.config.EngineKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models become Ollama's own, by HTTP alone; it is played by a stub. */
class OllamaTest {
    private static final String BASE = "base:latest";

    private final OllamaStub ollama = new OllamaStub(BASE);

    @TempDir
    private Path directory;

    private EngineFixture fixture;

    @BeforeEach
    void start() {
        fixture = new EngineFixture(directory, EngineFixture.serving(EngineKind.OLLAMA, ollama.url(), null, null));
    }

    @AfterEach
    void stop() {
        fixture.close();
        ollama.close();
    }

    @Test
    void aNewModelIsCreatedFromItsBaseAndItsAdaptersFiles() throws IOException {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        fixture.awaitState("base", "ready");
        assertThat(ollama.models()).hasSize(2).anyMatch(name -> name.matches("tunegate-[a-z0-9]{24}:latest"));
        try (Stream<Path> left = Files.list(directory.resolve("serving"))) {
            assertThat(left).isEmpty();
        }
        assertThat(fixture.answer(model)).isEqualTo("one");
        assertThat(fixture.answer("base")).isEqualTo("the base model");
    }

    @Test
    void whatItHasAlreadyIsNotSentAgain() {
        fixture.awaitState(fixture.train("one"), "ready");
        long sent = ollama.requests().stream()
                .filter(request -> request.startsWith("POST /api/blobs/"))
                .count();
        fixture.awaitState(fixture.train("one"), "ready");
        assertThat(ollama.requests().stream()
                        .filter(request -> request.startsWith("POST /api/blobs/"))
                        .count())
                .isEqualTo(sent)
                .isEqualTo(2);
    }

    @Test
    void whenItWasStartedAnewItStillHasTheModel() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        ollama.restart();
        fixture.retryUntilState(model, "ready");
        assertThat(ollama.count("POST /api/create")).isEqualTo(1);
    }

    @Test
    void aDeletedModelIsDeletedThereAndItsNameIsNotGivenAgain() {
        String first = fixture.train("one");
        fixture.awaitState(first, "ready");
        Set<String> before = ollama.models();
        fixture.delete(first);
        Eventually.is(ollama::models, Set.of(BASE));
        fixture.awaitState(fixture.train("one"), "ready");
        assertThat(ollama.models()).isNotEqualTo(before);
    }

    @Test
    void aModelThatSomebodyDeletedThereIsCreatedAgain() {
        String model = fixture.train("one");
        fixture.awaitState(model, "ready");
        Set<String> models = ollama.models();
        ollama.loseModels();
        Eventually.is(
                () -> {
                    fixture.retryUntilState(model, "ready");
                    return ollama.models();
                },
                models);
    }

    @Test
    void whyItCreatesNoModelIsSaidInItsWords() {
        ollama.refuseToCreate("unsupported architecture");
        String model = fixture.train("one");
        fixture.awaitState(model, "failed");
        assertThat(fixture.state(model).path("reason").asText())
                .isEqualTo("POST /api/create from 'base' was answered with 400: unsupported architecture");
        ollama.refuseToCreate("");
        fixture.retryUntilState(model, "ready");
    }

    @Test
    void aCreateThatFailsAtTheEndOfA200IsNoSuccess() {
        fixture.awaitState("base", "ready");
        ollama.misbehave(request -> {
            switch (EngineStub.path(request)) {
                case "/api/tags" -> request.response().end("{\"models\":[{\"name\":\"base:latest\"}]}");
                case "/api/create" -> request.response().end("{\"error\":\"no space left on device\"}");
                default -> request.response().end();
            }
        });
        String model = fixture.train("one");
        fixture.awaitReason(model, "no space left on device");
        assertThat(fixture.state(model).path("state").asText()).isEqualTo("failed");
    }

    @Test
    void whenItIsAwayModelsWait() {
        ollama.stop();
        String model = fixture.train("one");
        fixture.retryUntilReason(model, "it takes no connections (is it running?)");
        ollama.start();
        fixture.retryUntilState(model, "ready");
    }
}

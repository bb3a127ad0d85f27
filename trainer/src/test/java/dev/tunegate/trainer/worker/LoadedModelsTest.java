package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which models stay in memory. Two loads of one model are two objects, one load is one. */
@Timeout(120)
class LoadedModelsTest {
    @TempDir
    Path directory = Path.of("");

    private LoadedModels models;

    @BeforeEach
    void withRoomForAll() {
        models = loaded(Long.MAX_VALUE);
    }

    @AfterEach
    void close() {
        models.close();
    }

    @Test
    void usersOfOneModelShareIt() throws Exception {
        copy("a");
        List<CompletableFuture<LanguageModel>> uses = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> use("a")))
                .toList();
        LanguageModel first = uses.get(0).get();
        for (CompletableFuture<LanguageModel> use : uses) {
            assertThat(use.get()).isSameAs(first);
        }
    }

    @Test
    void aModelThatNobodyUsesStaysWhileThereIsRoom() throws Exception {
        copy("a");
        LanguageModel before = use("a");
        assertThat(use("a")).isSameAs(before);
    }

    @Test
    void theOneUnusedForLongestMakesRoom() throws Exception {
        long bytes = copy("a");
        copy("b");
        copy("c");
        models = loaded(2 * bytes);
        LanguageModel a = use("a");
        LanguageModel b = use("b");
        assertThat(use("a")).isSameAs(a); // now b is the oldest
        use("c");
        assertThat(use("a")).isSameAs(a);
        assertThat(use("b")).isNotSameAs(b);
    }

    @Test
    void whatIsDescribedIsNotLoaded() throws Exception {
        copy("a");
        assertThat(models.describe("a").loaded()).isFalse();
        assertThat(models.describe("a").config().hiddenSize()).isEqualTo(64);
        use("a");
        assertThat(models.describe("a").loaded()).isTrue();
    }

    @Test
    void allThatIsUnusedCanBeUnloadedButForOne() throws Exception {
        copy("a");
        copy("b");
        copy("c");
        try (LoadedModels.Use held = models.use("a", Stop.NEVER)) {
            use("b");
            use("c");
            models.unloadUnused("b");

            assertThat(models.describe("a").loaded()).isTrue();
            assertThat(models.describe("b").loaded()).isTrue();
            assertThat(models.describe("c").loaded()).isFalse();
            assertThat(held.model().config().hiddenSize()).isEqualTo(64);
        }
    }

    @Test
    void aModelInUseIsNeverUnloaded() throws Exception {
        copy("a");
        copy("b");
        models = loaded(0);
        try (LoadedModels.Use held = models.use("a", Stop.NEVER)) {
            LanguageModel b = use("b");
            assertThat(use("b")).as("no room to keep it").isNotSameAs(b);
            assertThat(held.tokenizer().encode("still here")).isNotNull();
            assertThat(use("a")).isSameAs(held.model());
        }
    }

    @Test
    void closingAUseTwiceReleasesItOnce() throws Exception {
        copy("a");
        models = loaded(0);
        LoadedModels.Use first = models.use("a", Stop.NEVER);
        try (LoadedModels.Use second = models.use("a", Stop.NEVER)) {
            first.close();
            first.close();
            assertThat(use("a")).isSameAs(second.model());
        }
    }

    @Test
    void aModelThatCannotBeReadIsTriedAnewTheNextTime() throws Exception {
        copy("a");
        Path weights = directory.resolve("a/model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> models.use("a", Stop.NEVER)).hasMessageContaining("model.safetensors");
        Files.write(weights, whole);
        assertThat(use("a")).isNotNull();
    }

    @Test
    void namesAreLookedUpNeverUsedAsPaths() throws Exception {
        copy("a");
        for (String name : List.of("nobody", "../a", "a/", "")) {
            assertThatThrownBy(() -> models.use(name, Stop.NEVER)).isInstanceOf(BaseModels.UnknownModel.class);
        }
    }

    /** The model, used and let go. */
    private LanguageModel use(String id) {
        try (LoadedModels.Use use = models.use(id, Stop.NEVER)) {
            return use.model();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private LoadedModels loaded(long memoryBytes) {
        return new LoadedModels(new BaseModels(List.of(directory)), ComputeType.FP32, memoryBytes);
    }

    /** Returns the bytes of its weights. */
    private long copy(String id) throws IOException, URISyntaxException {
        Path golden = Path.of(Objects.requireNonNull(LoadedModelsTest.class.getResource("/golden/llama/model"))
                .toURI());
        Path target = Files.createDirectory(directory.resolve(id));
        try (Stream<Path> files = Files.list(golden)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return Files.size(target.resolve("model.safetensors"));
    }
}

package dev.tunegate.trainer.starter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StarterModelTest {
    private static final List<String> FILES = List.of(
            "train.jsonl",
            "validation.jsonl",
            "initial/config.json",
            "initial/generation_config.json",
            "initial/tokenizer.json",
            "initial/tokenizer_config.json",
            "initial/model.safetensors");

    private static final int EXAMPLES = 50;

    @TempDir
    private static Path prepared;

    @BeforeAll
    static void prepare() throws Exception {
        StarterModel.prepare(prepared, EXAMPLES, 1);
    }

    @Test
    void theSameSeedPreparesTheSameFiles(@TempDir Path again) throws Exception {
        StarterModel.prepare(again, EXAMPLES, 1);
        for (String file : FILES) {
            assertThat(again.resolve(file)).hasSameBinaryContentAs(prepared.resolve(file));
        }
    }

    @Test
    void trainingAndValidationTextDiffer() throws Exception {
        assertThat(Files.readAllLines(prepared.resolve("train.jsonl"))).hasSize(EXAMPLES);
        assertThat(Files.readAllLines(prepared.resolve("validation.jsonl")))
                .hasSize(StarterModel.VALIDATION_EXAMPLES)
                .doesNotContainAnyElementsOf(Files.readAllLines(prepared.resolve("train.jsonl")));
    }

    @Test
    void everyWordAndEveryNumberBelowAThousandIsOneToken() throws Exception {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.builder()
                .optTokenizerPath(prepared.resolve("initial"))
                .optAddSpecialTokens(false)
                .build()) {
            Stream<String> words = Stream.of(
                            Words.TABLES, Words.TEXT_FIELDS, Words.NUMBER_FIELDS, Words.VALUES, Words.NAMES)
                    .flatMap(List::stream);
            Stream<String> numbers = IntStream.range(0, 1000).mapToObj(Integer::toString);
            assertThat(Stream.concat(words, numbers))
                    .allSatisfy(word ->
                            assertThat(tokenizer.encode(word).getIds()).as(word).hasSize(1));
        }
    }

    @Test
    void theUntrainedModelIsSmallEnoughToShip() throws Exception {
        Path initial = prepared.resolve("initial");
        try (ModelDirectory directory = ModelDirectory.open(initial)) {
            assertThat(directory.config().architecture()).isEqualTo("LlamaForCausalLM");
        }
        // Stored here as float32, shipped as bfloat16.
        assertThat(Files.size(initial.resolve("model.safetensors")) / 2).isLessThan(7_900_000);
    }
}

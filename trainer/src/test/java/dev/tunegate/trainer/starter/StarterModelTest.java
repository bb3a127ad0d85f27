package dev.tunegate.trainer.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.trainer.checkpoint.ModelDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @TempDir
    private Path first;

    @TempDir
    private Path second;

    @Test
    void theSameSeedPreparesTheSameFiles() throws Exception {
        StarterModel.prepare(first, 50, 3);
        StarterModel.prepare(second, 50, 3);
        for (String file : FILES) {
            assertThat(first.resolve(file)).hasSameBinaryContentAs(second.resolve(file));
        }
    }

    @Test
    void trainingAndValidationTextDiffer() throws Exception {
        StarterModel.prepare(first, 50, 3);
        assertThat(Files.readAllLines(first.resolve("train.jsonl"))).hasSize(50);
        assertThat(Files.readAllLines(first.resolve("validation.jsonl")))
                .hasSize(StarterModel.VALIDATION_EXAMPLES)
                .doesNotContainAnyElementsOf(Files.readAllLines(first.resolve("train.jsonl")));
    }

    @Test
    void theUntrainedModelIsSmallEnoughToShip() throws Exception {
        StarterModel.prepare(first, 50, 3);
        Path initial = first.resolve("initial");
        try (ModelDirectory directory = ModelDirectory.open(initial)) {
            assertThat(directory.config().architecture()).isEqualTo("LlamaForCausalLM");
        }
        // Stored here as float32, shipped as bfloat16.
        assertThat(Files.size(initial.resolve("model.safetensors")) / 2).isLessThan(7_900_000);
    }
}

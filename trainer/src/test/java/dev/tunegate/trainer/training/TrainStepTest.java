package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.checkpoint.Rope;
import dev.tunegate.trainer.checkpoint.Switches;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.KvCache;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(OnTestDevice.class)
class TrainStepTest {

    private static final ModelConfig CONFIG = new ModelConfig(
            "LlamaForCausalLM", 50, 16, 32, 2, 4, 2, 8, 64, 1e-5, new Rope(10000), true, 0.2, Switches.llama(8));

    private static final Batch BATCH = Batch.of(List.of(counting(3, 12), counting(20, 7)));

    @TempDir
    Path directory = Path.of("");

    @Test
    void allWeightsOfAFreshModelLearnAndAreSavedInTheCheckpointsForm() throws IOException {
        try (LanguageModel model = LanguageModel.random(CONFIG, 1);
                TrainStep train = new TrainStep(model, model.tunable(), AdamW.Settings.DEFAULT, 1)) {
            double before = train.evaluate(List.of(BATCH)).loss();
            for (int step = 0; step < 60; step++) {
                train.step(List.of(BATCH), 1e-2);
            }
            Metrics after = train.evaluate(List.of(BATCH));
            assertThat(before).isCloseTo(Math.log(50), within(1.5));
            assertThat(after.loss()).isLessThan(0.1);
            assertThat(after.accuracy()).isEqualTo(1);

            writeConfig();
            model.save(directory, DType.BF16);
            try (LanguageModel saved = LanguageModel.load(directory, ComputeType.BF16);
                    KvCache cache = saved.newCache()) {
                float[] logits = saved.next(cache, new int[] {3, 4, 5, 6}, saved.weights());
                assertThat(likeliest(logits)).as("3 4 5 6 goes on with 7").isEqualTo(7);
            }
        }
    }

    @Test
    void savedWeightsAreTheSameWhenReadAgain() throws IOException {
        writeConfig();
        try (LanguageModel model = LanguageModel.random(CONFIG, 1)) {
            model.save(directory, DType.F32);
            try (LanguageModel again = LanguageModel.loadTrainable(directory)) {
                assertThat(again.tunable().parameters().flat().toFloatArray())
                        .isEqualTo(model.tunable().parameters().flat().toFloatArray());
            }
            try (ModelDirectory files = ModelDirectory.open(directory)) {
                assertThat(files.has("model.layers.1.self_attn.v_proj.weight")).isTrue();
                assertThat(files.has("lm_head.weight")).as("the head is tied").isFalse();
            }
        }
    }

    @Test
    void aSeedDecidesTheWeights() throws IOException {
        try (LanguageModel one = LanguageModel.random(CONFIG, 1);
                LanguageModel same = LanguageModel.random(CONFIG, 1);
                LanguageModel other = LanguageModel.random(CONFIG, 2)) {
            float[] values = one.tunable().parameters().flat().toFloatArray();
            assertThat(same.tunable().parameters().flat().toFloatArray()).isEqualTo(values);
            assertThat(other.tunable().parameters().flat().toFloatArray()).isNotEqualTo(values);
        }
    }

    @Test
    void aFreshAdapterChangesNothingAndOnlyItsOwnWeightsLearn() throws IOException {
        try (LanguageModel model = LanguageModel.random(CONFIG, 1);
                Adapter adapter = Adapter.create(model, lora(0), 3);
                TrainStep train = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, 1)) {
            float[] base = model.tunable().parameters().flat().toFloatArray();
            double untouched;
            try (TrainStep plain = new TrainStep(model, model.tunable(), AdamW.Settings.DEFAULT, 1)) {
                untouched = plain.evaluate(List.of(BATCH)).loss();
            }
            assertThat(train.evaluate(List.of(BATCH)).loss()).isEqualTo(untouched);
            for (int step = 0; step < 40; step++) {
                train.step(List.of(BATCH), 2e-2);
            }
            assertThat(train.evaluate(List.of(BATCH)).loss()).isLessThan(untouched / 2);
            assertThat(model.tunable().parameters().flat().toFloatArray()).isEqualTo(base);
        }
    }

    @Test
    void dropoutIsDrawnFromTheSeedAndOnlyInTraining() throws IOException {
        try (LanguageModel model = LanguageModel.random(CONFIG, 1)) {
            Metrics one = secondStep(model, 0.5, 7);
            assertThat(secondStep(model, 0.5, 7)).isEqualTo(one);
            assertThat(secondStep(model, 0.5, 8)).isNotEqualTo(one);
            assertThat(secondStep(model, 0, 7)).isEqualTo(secondStep(model, 0, 8));
            try (Adapter adapter = Adapter.create(model, lora(0.5), 3);
                    TrainStep train = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, 7)) {
                train.step(List.of(BATCH), 1e-2);
                assertThat(train.evaluate(List.of(BATCH))).isEqualTo(train.evaluate(List.of(BATCH)));
            }
        }
    }

    /** B is zero at first, so the first masks show in the loss of the second step. */
    private static Metrics secondStep(LanguageModel model, double dropout, long seed) {
        try (Adapter adapter = Adapter.create(model, lora(dropout), 3);
                TrainStep train = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, seed)) {
            train.step(List.of(BATCH), 1e-2);
            return train.step(List.of(BATCH), 1e-2);
        }
    }

    @Test
    void aBatchWithoutLabelsChangesNothing() throws IOException {
        Batch silent = Batch.of(List.of(new Example(new int[] {1, 2}, new boolean[2])));
        try (LanguageModel model = LanguageModel.random(CONFIG, 1);
                TrainStep train = new TrainStep(model, model.tunable(), AdamW.Settings.DEFAULT, 1)) {
            assertThat(train.step(List.of(silent), 1e-2)).isEqualTo(new Metrics(0, 0, 0, 0));
            assertThat(train.steps()).isZero();
            assertThat(train.step(List.of(silent, BATCH), 1e-2).tokens()).isEqualTo(BATCH.trainedTokens());
        }
    }

    @Test
    void othersGenerateWhileAnAdapterTrains() throws IOException {
        int[] prompt = {3, 4, 5, 6, 7};
        try (LanguageModel model = LanguageModel.random(CONFIG, 1);
                Adapter adapter = Adapter.create(model, lora(0.1), 3);
                TrainStep train = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, 1)) {
            float[] expected = generate(model, prompt);
            var generations = CompletableFuture.supplyAsync(() -> {
                for (int i = 0; i < 50; i++) {
                    assertThat(generate(model, prompt)).isEqualTo(expected);
                }
                return true;
            });
            while (!generations.isDone()) {
                train.step(List.of(BATCH), 1e-3);
            }
            assertThat(generations.join()).isTrue();
        }
    }

    private static float[] generate(LanguageModel model, int[] prompt) {
        try (KvCache cache = model.newCache()) {
            model.next(cache, prompt, model.weights());
            return model.next(cache, new int[] {8}, model.weights());
        }
    }

    @Test
    void aCacheGrowsAndForgets() throws IOException {
        int[] tokens = new int[600];
        Arrays.setAll(tokens, i -> i % 50);
        try (LanguageModel model = LanguageModel.random(CONFIG, 1);
                KvCache whole = model.newCache();
                KvCache pieces = model.newCache()) {
            float[] expected = model.next(whole, tokens, model.weights());
            model.next(pieces, Arrays.copyOf(tokens, 250), model.weights());
            model.next(pieces, new int[] {1, 2, 3}, model.weights());
            pieces.truncate(250);
            float[] actual = model.next(pieces, Arrays.copyOfRange(tokens, 250, 600), model.weights());
            assertThat(pieces.length()).isEqualTo(600);
            assertThat(actual).containsExactly(expected, within(1e-4f));
        }
    }

    private void writeConfig() throws IOException {
        Files.writeString(directory.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "vocab_size": 50, "hidden_size": 16, "intermediate_size": 32,
                 "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8,
                 "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "tie_word_embeddings": true}""");
    }

    private static LoraConfig lora(double dropout) {
        return new LoraConfig(4, 8, dropout, LoraConfig.allLinears(CONFIG));
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    /** first, first + 1, …: all of it trained on. */
    private static Example counting(int first, int length) {
        int[] tokens = new int[length];
        Arrays.setAll(tokens, i -> first + i);
        boolean[] trained = new boolean[length];
        Arrays.fill(trained, true);
        return new Example(tokens, trained);
    }
}

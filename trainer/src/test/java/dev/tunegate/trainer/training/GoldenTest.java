package dev.tunegate.trainer.training;

import static dev.tunegate.trainer.training.GoldenAssertions.ADAPTER_WEIGHTS;
import static dev.tunegate.trainer.training.GoldenAssertions.GRADIENTS;
import static dev.tunegate.trainer.training.GoldenAssertions.LOGITS;
import static dev.tunegate.trainer.training.GoldenAssertions.LOSS;
import static dev.tunegate.trainer.training.GoldenAssertions.MERGED;
import static dev.tunegate.trainer.training.GoldenAssertions.assertEveryParameterMoved;
import static dev.tunegate.trainer.training.GoldenAssertions.assertGradients;
import static dev.tunegate.trainer.training.GoldenAssertions.assertLogits;
import static dev.tunegate.trainer.training.GoldenAssertions.assertSameTensors;
import static dev.tunegate.trainer.training.GoldenAssertions.assertSavedIsSame;
import static dev.tunegate.trainer.training.GoldenAssertions.assertTrajectory;
import static dev.tunegate.trainer.training.GoldenAssertions.flat;
import static dev.tunegate.trainer.training.GoldenAssertions.gradients;
import static dev.tunegate.trainer.training.GoldenAssertions.greedy;
import static dev.tunegate.trainer.training.GoldenAssertions.likeliest;
import static dev.tunegate.trainer.training.GoldenAssertions.loss;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.Merge;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.KvCache;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares every golden directory with what transformers and PEFT computed. {@code -Dgolden.dir=DIR} names other directories
 * than the shipped ones, {@code -Dgolden.families=llama,qwen} the beginnings of the names to run.
 */
@ExtendWith(OnTestDevice.class)
class GoldenTest {

    /** A trajectory in bfloat16, which has 8 significant bits, stays this close to that in float32. */
    private static final double BFLOAT16_SHARE = 0.02;

    @TempDir
    Path temporary = Path.of("");

    @TestFactory
    Stream<DynamicNode> goldenDirectories() throws Exception {
        String property = System.getProperty("golden.dir");
        Path root = property != null
                ? Path.of(property)
                : Path.of(Objects.requireNonNull(GoldenTest.class.getResource("/golden"))
                        .toURI());
        List<String> families =
                List.of(System.getProperty("golden.families", "").split(","));
        List<Path> directories;
        try (Stream<Path> children = Files.list(root)) {
            directories = children.filter(GoldenDirectory::isGolden)
                    .filter(path -> families.stream()
                            .anyMatch(family -> path.getFileName().toString().startsWith(family)))
                    .sorted()
                    .toList();
        }
        assertThat(directories).as("golden directories below %s", root).isNotEmpty();
        List<DynamicNode> nodes = new ArrayList<>();
        for (Path directory : directories) {
            nodes.add(dynamicContainer(directory.getFileName().toString(), checks(GoldenDirectory.open(directory))));
        }
        return nodes.stream();
    }

    private Stream<DynamicTest> checks(GoldenDirectory golden) throws IOException {
        try {
            ModelConfig.read(golden.model().resolve("config.json"));
        } catch (InvalidCheckpoint unsupported) {
            return Stream.of(check(golden, "is supported", () -> {
                throw unsupported;
            }));
        }
        List<DynamicTest> checks = new ArrayList<>();
        if (golden.has("config.v5.json")) {
            checks.add(check(golden, "both layouts of config.json are read alike", () -> configLayouts(golden)));
        }
        checks.add(check(golden, "base logits and loss", () -> baseLogitsAndLoss(golden)));
        checks.add(check(golden, "all weights are saved as they were read", () -> savedWeights(golden)));
        checks.add(check(golden, "all weights can be trained", () -> allWeightsLearn(golden)));
        if (golden.json().has("base_greedy_from_first_8_of_row0")) {
            checks.add(check(golden, "greedy continuation through the cache", () -> baseGreedy(golden)));
            checks.add(check(golden, "cached logits equal those of a whole pass", () -> cachedLogits(golden)));
            checks.add(check(golden, "continuations in a batch equal those alone", () -> batchedGreedy(golden)));
        }
        if (golden.has("adapter_init")) {
            checks.add(check(golden, "LoRA logits, loss and gradients", () -> loraGradients(golden)));
            checks.add(check(golden, "micro-batches equal one batch", () -> microBatches(golden)));
            checks.add(check(golden, "ten steps of training", () -> tenSteps(golden)));
            checks.add(check(
                    golden, "ten steps with weight decay, cosine and tight clipping", () -> decayAndCosine(golden)));
            checks.add(check(golden, "training on bfloat16 weights stays close", () -> bfloat16(golden)));
            checks.add(check(golden, "a saved adapter is the same", () -> savedAdapter(golden)));
            checks.add(check(golden, "a merged model computes the same", () -> mergedLogits(golden)));
        }
        if (golden.has("merged")) {
            checks.add(check(golden, "merged weights equal PEFT's", () -> mergedWeights(golden)));
        }
        return checks.stream();
    }

    private static DynamicTest check(GoldenDirectory golden, String name, Executable check) {
        String title = golden.name() + ": " + name;
        return dynamicTest(title, () -> {
            try {
                check.execute();
            } catch (AssertionError e) {
                // Maven prints the message of a failed dynamic test but not its name.
                throw new AssertionError(title + ": " + e.getMessage(), e);
            }
        });
    }

    private static void configLayouts(GoldenDirectory golden) throws IOException {
        assertThat(ModelConfig.read(golden.path().resolve("config.v5.json")))
                .isEqualTo(ModelConfig.read(golden.model().resolve("config.json")));
    }

    private static void baseLogitsAndLoss(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32)) {
            assertLogits(golden, "base_logits", model, model.weights());
            assertThat(loss(model, golden, model.weights()))
                    .isCloseTo(golden.json().path("base_loss").doubleValue(), within(LOSS));
        }
    }

    private static void baseGreedy(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32)) {
            assertThat(greedy(model, model.weights(), golden.prompt(), 12))
                    .isEqualTo(golden.ints("base_greedy_from_first_8_of_row0"));
        }
    }

    private static void cachedLogits(GoldenDirectory golden) throws IOException {
        int[] tokens = golden.examples().get(0).tokens();
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                KvCache cache = model.newCache()) {
            float[] expected = golden.packed("base_logits");
            int width = model.config().vocabularySize();
            float[] afterPrompt = model.next(cache, Arrays.copyOf(tokens, 5), model.weights());
            assertThat(afterPrompt).containsExactly(Arrays.copyOfRange(expected, 4 * width, 5 * width), within(LOGITS));
            for (int from = 5; from < tokens.length; from += 2) {
                int to = Math.min(tokens.length, from + 2);
                float[] next = model.next(cache, Arrays.copyOfRange(tokens, from, to), model.weights());
                assertThat(next)
                        .containsExactly(Arrays.copyOfRange(expected, (to - 1) * width, to * width), within(LOGITS));
            }
        }
    }

    /** Sequences of different lengths side by side, longer than any window here. */
    private static void batchedGreedy(GoldenDirectory golden) throws IOException {
        int[] other = golden.examples().get(1).tokens();
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                KvCache first = model.newCache();
                KvCache second = model.newCache()) {
            int[] expected = golden.ints("base_greedy_from_first_8_of_row0");
            int[] alone = greedy(model, model.weights(), other, expected.length);
            int[] tokens = {
                likeliest(model.next(first, golden.prompt(), model.weights())),
                likeliest(model.next(second, other, model.weights()))
            };
            for (int i = 0; i < expected.length; i++) {
                assertThat(tokens).containsExactly(expected[i], alone[i]);
                float[][] logits = model.next(List.of(first, second), tokens, model.weights());
                tokens = new int[] {likeliest(logits[0]), likeliest(logits[1])};
            }
        }
    }

    private void savedWeights(GoldenDirectory golden) throws IOException {
        Path directory = temporary.resolve("saved_" + golden.name());
        try (LanguageModel model = LanguageModel.loadTrainable(golden.model())) {
            model.save(directory, DType.F32);
        }
        ModelDirectory.copyDescription(golden.model(), directory, DType.F32);
        assertSameTensors(directory, golden.model(), 0);
    }

    /** Every array of the model gets a gradient, and steps along it lower the loss. */
    private static void allWeightsLearn(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.loadTrainable(golden.model());
                TrainStep train = new TrainStep(model, model.tunable(), AdamW.Settings.DEFAULT, 0)) {
            float[] before = model.tunable().parameters().flat().toFloatArray();
            double loss = train.evaluate(List.of(golden.batch())).loss();
            for (int step = 0; step < 5; step++) {
                train.step(List.of(golden.batch()), 1e-3);
            }
            assertThat(train.evaluate(List.of(golden.batch())).loss()).isLessThan(loss - 0.1);
            assertEveryParameterMoved(
                    model.tunable().parameters(),
                    before,
                    model.tunable().parameters().flat().toFloatArray());
        }
    }

    private static void loraGradients(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_init"), model)) {
            if (golden.hasTensor("lora_logits")) {
                assertLogits(golden, "lora_logits", model, adapter.weights());
            }
            assertGradients(golden, model, adapter, golden.json().path("lora"));
            if (golden.has("lora_grads.safetensors")) {
                assertThat(gradients(adapter))
                        .containsExactly(
                                flat(golden.path().resolve("lora_grads.safetensors"), adapter), within(GRADIENTS));
            }
        }
    }

    private static void microBatches(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter one = Adapter.load(golden.path().resolve("adapter_init"), model);
                Adapter two = Adapter.load(golden.path().resolve("adapter_init"), model);
                TrainStep whole = new TrainStep(model, one, AdamW.Settings.DEFAULT, 0);
                TrainStep split = new TrainStep(model, two, AdamW.Settings.DEFAULT, 0)) {
            List<Example> examples = golden.examples();
            Metrics expected = whole.step(List.of(Batch.of(examples)), 1e-3);
            Metrics actual = split.step(
                    examples.stream().map(example -> Batch.of(List.of(example))).toList(), 1e-3);
            assertThat(actual.loss()).isCloseTo(expected.loss(), within(LOSS));
            assertThat(actual.gradNorm()).isCloseTo(expected.gradNorm(), within(LOSS));
            assertThat(actual.tokens()).isEqualTo(expected.tokens());
            assertThat(actual.correct()).isEqualTo(expected.correct());
            assertThat(two.parameters().flat().toFloatArray())
                    .containsExactly(one.parameters().flat().toFloatArray(), within(ADAPTER_WEIGHTS));
        }
    }

    private static void tenSteps(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_init"), model)) {
            assertTrajectory(golden, "train", model, adapter);
            if (!golden.has("adapter_final")) {
                assertThat(greedy(model, adapter.weights(), golden.prompt(), 12))
                        .isEqualTo(golden.ints("final_greedy_from_first_8_of_row0"));
                return;
            }
            assertThat(adapter.parameters().flat().toFloatArray())
                    .containsExactly(
                            flat(golden.path().resolve("adapter_final/adapter_model.safetensors"), adapter),
                            within(ADAPTER_WEIGHTS));
        }
        // The reference's own weights after the ten steps, so that only the forward pass is compared.
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_final"), model)) {
            assertLogits(golden, "final_logits", model, adapter.weights());
            assertThat(greedy(model, adapter.weights(), golden.prompt(), 12))
                    .isEqualTo(golden.ints("final_greedy_from_first_8_of_row0"));
        }
    }

    private static void decayAndCosine(GoldenDirectory golden) throws IOException {
        double[] rates = golden.doubles("train_wd_cosine", "lrs");
        for (int step = 0; step < rates.length; step++) {
            assertThat(5e-3 * LearningRateSchedule.COSINE.multiplier(step, 3, rates.length))
                    .isCloseTo(rates[step], within(1e-12));
        }
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_init"), model)) {
            assertTrajectory(golden, "train_wd_cosine", model, adapter);
        }
    }

    private static void bfloat16(GoldenDirectory golden) throws IOException {
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.BF16);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_init"), model);
                TrainStep train = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, 0)) {
            for (double expected : golden.doubles("train", "losses")) {
                assertThat(train.step(List.of(golden.batch()), 1e-3).loss())
                        .isCloseTo(expected, within(BFLOAT16_SHARE * expected));
            }
            double end = golden.json().path("train").path("loss_after").doubleValue();
            assertThat(train.evaluate(List.of(golden.batch())).loss()).isCloseTo(end, within(BFLOAT16_SHARE * end));
        }
    }

    private void savedAdapter(GoldenDirectory golden) throws IOException {
        Path directory = temporary.resolve("adapter_" + golden.name());
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_init"), model)) {
            assertSavedIsSame(adapter, directory, model);
            assertSameTensors(
                    directory.resolve("adapter_model.safetensors"),
                    golden.path().resolve("adapter_init/adapter_model.safetensors"),
                    0);
        }
    }

    private void mergedLogits(GoldenDirectory golden) throws IOException {
        Path directory = temporary.resolve("merged_" + golden.name());
        float[] expected;
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_init"), model);
                NDManager scope = model.newSubManager()) {
            expected = model.logits(scope, golden.batch(), adapter.weights()).toFloatArray();
            Merge.write(adapter, golden.model(), directory, DType.F32);
        }
        try (LanguageModel model = LanguageModel.load(directory, ComputeType.FP32);
                NDManager scope = model.newSubManager()) {
            assertThat(model.logits(scope, golden.batch(), model.weights()).toFloatArray())
                    .containsExactly(expected, within(LOGITS));
        }
    }

    private void mergedWeights(GoldenDirectory golden) throws IOException {
        Path directory = temporary.resolve("merged_final_" + golden.name());
        try (LanguageModel model = LanguageModel.load(golden.model(), ComputeType.FP32);
                Adapter adapter = Adapter.load(golden.path().resolve("adapter_final"), model)) {
            Merge.write(adapter, golden.model(), directory, DType.F32);
        }
        assertSameTensors(
                directory.resolve("model.safetensors"), golden.path().resolve("merged/model.safetensors"), MERGED);
        try (LanguageModel model = LanguageModel.load(directory, ComputeType.FP32)) {
            assertLogits(golden, "final_logits", model, model.weights());
        }
    }
}

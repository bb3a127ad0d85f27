package dev.tunegate.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.torch.OnTestDevice;
import dev.tunegate.trainer.torch.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The backward pass of our own against libtorch's autograd, and where that cannot be compared, against differences. */
@ExtendWith(OnTestDevice.class)
class TrainingPassTest {
    private static final Path GOLDEN = golden();

    private static Path golden() {
        try {
            return Path.of(Objects.requireNonNull(TrainingPassTest.class.getResource("/golden"))
                    .toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3_text", "phi3", "gpt2"})
    void gradientsAreAutogradsForPackedSequencesOfAllLengths(String family) throws IOException {
        try (LanguageModel model = LanguageModel.load(GOLDEN.resolve(family).resolve("model"), ComputeType.FP32);
                Adapter adapter = adapter(model, 0)) {
            int context = Math.min(model.config().contextLength(), 600);
            Batch batch = batch(model, context, 7, context / 2, context / 2 - 3, 2);

            Result own = own(model, adapter, batch, false);

            Result autograd = autograd(model, adapter, batch);
            assertThat(own.loss()).isCloseTo(autograd.loss(), within(1e-3));
            assertThat(own.correct()).isEqualTo(autograd.correct());
            assertThat(own.gradient()).containsExactly(autograd.gradient(), within(2e-6f));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "gemma3_text"})
    void aShorterSequenceMayHaveLargerBlocksThanTheLongest(String family) throws IOException {
        try (LanguageModel model = LanguageModel.load(GOLDEN.resolve(family).resolve("model"), ComputeType.FP32);
                Adapter adapter = adapter(model, 0)) {
            Batch batch = batch(model, 130, 128); // two blocks of 65 queries, and one of 128

            assertThat(own(model, adapter, batch, false).gradient())
                    .containsExactly(autograd(model, adapter, batch).gradient(), within(2e-6f));
        }
    }

    @Test
    void longSequencesComputeTheirAttentionTwice() throws IOException {
        ModelConfig config = llamaOfContext(1500);
        try (LanguageModel model = LanguageModel.randomFrozen(config, ComputeType.FP32);
                Adapter adapter = adapter(model, 0)) {
            Batch batch = batch(model, 1500, 1025);

            assertThat(own(model, adapter, batch, false).gradient())
                    .containsExactly(autograd(model, adapter, batch).gradient(), within(2e-6f));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3})
    void recomputedLayersGiveTheSameGradients(double dropout) throws IOException {
        try (LanguageModel model = LanguageModel.load(GOLDEN.resolve("llama/model"), ComputeType.FP32);
                Adapter adapter = adapter(model, dropout)) {
            Batch batch = batch(model, 40, 21);

            Result kept = own(model, adapter, batch, false);

            Result recomputed = own(model, adapter, batch, true);
            assertThat(recomputed.loss()).isEqualTo(kept.loss());
            assertThat(recomputed.gradient()).containsExactly(kept.gradient());
        }
    }

    @Test
    void gradientsWithDropoutAreTheSlopeOfTheLoss() throws IOException {
        try (LanguageModel model = LanguageModel.load(GOLDEN.resolve("llama/model"), ComputeType.FP32);
                Adapter adapter = adapter(model, 0.3)) {
            Batch batch = batch(model, 40, 21);
            NDArray flat = adapter.parameters().flat();
            float[] at = flat.toFloatArray();
            Random random = new Random(3);
            float[] direction = floats(at.length, i -> random.nextGaussian());
            float step = 1e-4f;

            double slope = 0;
            float[] gradient = own(model, adapter, batch, false).gradient();
            for (int i = 0; i < at.length; i++) {
                slope += (double) gradient[i] * direction[i];
            }

            double ahead = lossAt(model, adapter, batch, at, direction, step);
            double behind = lossAt(model, adapter, batch, at, direction, -step);
            double labels = batch.trainedTokens();
            assertThat(slope).isCloseTo((ahead - behind) / (2 * step) / labels, within(Math.abs(slope) * 0.02));
        }
    }

    @Test
    void inBfloat16GradientsPointTheSameWay() throws IOException {
        Path directory = GOLDEN.resolve("llama/model");
        try (LanguageModel exact = LanguageModel.load(directory, ComputeType.FP32);
                LanguageModel coarse = LanguageModel.load(directory, ComputeType.BF16);
                Adapter adapter = adapter(exact, 0);
                Adapter coarseAdapter = adapter(coarse, 0)) {
            Batch batch = batch(exact, 40, 21);

            float[] expected = own(exact, adapter, batch, false).gradient();

            assertThat(cosine(own(coarse, coarseAdapter, batch, false).gradient(), expected))
                    .isGreaterThan(0.99);
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // compared element by element
    private record Result(double loss, long correct, float[] gradient) {}

    private static Result own(LanguageModel model, Adapter adapter, Batch batch, boolean recompute) {
        List<NDList> gradients = Objects.requireNonNull(adapter.gradients());
        float[] each = new float[batch.trainedTokens()];
        Arrays.fill(each, 1f / each.length);
        try (NDManager scope = model.newSubManager();
                TrainingPass pass = model.pass(scope, batch, adapter.droppingWeights(), 17, recompute)) {
            TrainingPass.Sums sums = pass.loss(each);
            pass.backward(gradients);
            try (NDArray gradient = adapter.parameters().gradient()) {
                var result = new Result(sums.loss().getFloat(), sums.correct().getLong(), gradient.toFloatArray());
                gradient.muli(0);
                return result;
            }
        }
    }

    private static Result autograd(LanguageModel model, Adapter adapter, Batch batch) {
        try (NDManager scope = model.newSubManager()) {
            LanguageModel.Loss loss =
                    model.loss(scope, batch, adapter.trainingWeights(scope), batch.trainedTokens(), true);
            Torch.backward(loss.scaled());
            try (NDArray gradient =
                    Objects.requireNonNull(Torch.gradient(adapter.parameters().flat()))) {
                return new Result(loss.sum().getFloat(), loss.correct().getLong(), gradient.toFloatArray());
            }
        }
    }

    private static double lossAt(
            LanguageModel model, Adapter adapter, Batch batch, float[] at, float[] direction, float step) {
        fill(model, adapter, floats(at.length, i -> at[i] + (double) step * direction[i]));
        return own(model, adapter, batch, false).loss();
    }

    /** With both factors random: with B zero, the gradients of A would be. */
    private static Adapter adapter(LanguageModel model, double dropout) {
        LoraConfig config = new LoraConfig(4, 8, dropout, LoraConfig.allLinears(model.config()));
        Adapter adapter = Adapter.create(model, config, 1);
        Random random = new Random(2);
        int count = Math.toIntExact(adapter.parameters().flat().size());
        fill(model, adapter, floats(count, i -> random.nextGaussian() * 0.05));
        return adapter;
    }

    private static void fill(LanguageModel model, Adapter adapter, float[] values) {
        try (NDManager scope = model.newSubManager()) {
            model.tensors().copy(adapter.parameters().flat(), scope.create(values));
        }
    }

    private static float[] floats(int count, IntToDoubleFunction values) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) values.applyAsDouble(i);
        }
        return floats;
    }

    private static Batch batch(LanguageModel model, int... lengths) {
        Random random = new Random(4);
        return Batch.of(Arrays.stream(lengths)
                .mapToObj(length -> {
                    int[] tokens = random.ints(length, 0, model.config().vocabularySize())
                            .toArray();
                    boolean[] trained = new boolean[length];
                    IntStream.range(length / 2, length).forEach(i -> trained[i] = true);
                    return new Example(tokens, trained);
                })
                .toList());
    }

    private static ModelConfig llamaOfContext(int length) throws IOException {
        var json = (com.fasterxml.jackson.databind.node.ObjectNode) new ObjectMapper()
                .readTree(GOLDEN.resolve("llama/model/config.json").toFile());
        return ModelConfig.parse(json.put("max_position_embeddings", length));
    }

    private static double cosine(float[] a, float[] b) {
        double product = 0;
        double squareA = 0;
        double squareB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            squareA += (double) a[i] * a[i];
            squareB += (double) b[i] * b[i];
        }
        return product / Math.sqrt(squareA * squareB);
    }
}

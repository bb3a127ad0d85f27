package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.model.KvCache;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What is compared with a golden directory, and how exactly: the references' own noise is about a fifth of these bounds. */
final class GoldenAssertions {

    static final float LOGITS = 2e-5f;
    static final double LOSS = 5e-6;
    static final float GRADIENTS = 5e-6f;
    static final double TRAJECTORY = 2e-5;
    static final float ADAPTER_WEIGHTS = 5e-4f;
    static final float MERGED = 1e-6f;

    private GoldenAssertions() {}

    static void assertTrajectory(GoldenDirectory golden, String run, LanguageModel model, Adapter adapter) {
        double decay = golden.json().path(run).path("weight_decay").doubleValue();
        double maxNorm = golden.json().path(run).path("max_grad_norm").doubleValue();
        var settings = AdamW.Settings.DEFAULT.withWeightDecay(decay).withMaxGradNorm(maxNorm);
        double[] rates = golden.doubles(run, "lrs");
        double[] losses = golden.doubles(run, "losses");
        double[] norms = golden.doubles(run, "grad_norms_before_clip");
        try (TrainStep train = new TrainStep(model, adapter, settings, 0)) {
            for (int step = 0; step < rates.length; step++) {
                Metrics metrics = train.step(List.of(golden.batch()), rates[step]);
                assertThat(metrics.loss()).as("loss before step %d", step).isCloseTo(losses[step], within(TRAJECTORY));
                assertThat(metrics.gradNorm())
                        .as("gradient norm at step %d", step)
                        .isCloseTo(norms[step], within(TRAJECTORY * 5));
            }
            assertThat(train.evaluate(List.of(golden.batch())).loss())
                    .isCloseTo(golden.json().path(run).path("loss_after").doubleValue(), within(TRAJECTORY));
        }
    }

    static void assertLogits(GoldenDirectory golden, String tensor, LanguageModel model, Weights weights)
            throws IOException {
        try (NDManager scope = model.newSubManager()) {
            assertThat(model.logits(scope, golden.batch(), weights).toFloatArray())
                    .containsExactly(golden.packed(tensor), within(LOGITS));
        }
    }

    static double loss(LanguageModel model, GoldenDirectory golden, Weights weights) {
        try (NDManager scope = model.newSubManager()) {
            Batch batch = golden.batch();
            return model.loss(scope, batch, weights, batch.trainedTokens(), false)
                    .scaled()
                    .getFloat();
        }
    }

    static int[] greedy(LanguageModel model, Weights weights, int[] prompt, int count) {
        int[] tokens = new int[count];
        try (KvCache cache = model.newCache()) {
            float[] logits = model.next(cache, prompt, weights);
            for (int i = 0; i < count; i++) {
                tokens[i] = likeliest(logits);
                logits = model.next(cache, new int[] {tokens[i]}, weights);
            }
        }
        return tokens;
    }

    static int likeliest(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
        }
        return best;
    }

    /** Compares the loss and the length of each parameter's gradient, which stays in the adapter. */
    static void assertGradients(GoldenDirectory golden, LanguageModel model, Adapter adapter, JsonNode expected) {
        Batch batch = golden.batch();
        try (NDManager scope = model.newSubManager()) {
            var loss = model.loss(scope, batch, adapter.trainingWeights(scope), batch.trainedTokens(), true);
            assertThat((double) loss.scaled().getFloat())
                    .isCloseTo(expected.path("loss").doubleValue(), within(LOSS));
            Torch.backward(loss.scaled());
        }
        float[] gradients = gradients(adapter);
        int first = 0;
        for (FlatParameters.Parameter parameter : adapter.parameters().parameters()) {
            int size = parameter.shape().stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
            double sum = 0;
            for (int i = first; i < first + size; i++) {
                sum += (double) gradients[i] * gradients[i];
            }
            first += size;
            assertThat(Math.sqrt(sum))
                    .as("gradient of %s", parameter.name())
                    .isCloseTo(gradientLength(expected.path("grad_l2"), parameter.name()), within(TRAJECTORY * 5));
        }
    }

    /** The same parameter as PEFT names it in a file and, with the adapter's name, in memory. */
    private static double gradientLength(JsonNode lengths, String parameter) {
        String name = "base_model.model." + parameter;
        int dot = name.lastIndexOf('.');
        JsonNode length = Stream.of("", ".default", ".modules_to_save.default")
                .map(middle -> lengths.path(name.substring(0, dot) + middle + name.substring(dot)))
                .filter(JsonNode::isNumber)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no reference for " + name));
        return length.doubleValue();
    }

    static void assertEveryParameterMoved(FlatParameters parameters, float[] before, float[] after) {
        int first = 0;
        for (FlatParameters.Parameter parameter : parameters.parameters()) {
            int end =
                    first + parameter.shape().stream().mapToInt(Long::intValue).reduce(1, Math::multiplyExact);
            assertThat(Arrays.copyOfRange(after, first, end))
                    .as(parameter.name())
                    .isNotEqualTo(Arrays.copyOfRange(before, first, end));
            first = end;
        }
    }

    static void assertSavedIsSame(Adapter adapter, Path directory, LanguageModel model) throws IOException {
        adapter.save(directory, "base");
        try (Adapter again = Adapter.load(directory, model)) {
            assertThat(again.config()).isEqualTo(adapter.config());
            assertThat(again.parameters().flat().toFloatArray())
                    .isEqualTo(adapter.parameters().flat().toFloatArray());
        }
    }

    /** Compares two safetensors files, or the weights of two model directories: the same names, shapes and values. */
    static void assertSameTensors(Path actual, Path expected, float tolerance) throws IOException {
        if (Files.isDirectory(expected)) {
            try (ModelDirectory all = ModelDirectory.open(expected);
                    Safetensors saved = Safetensors.open(actual.resolve("model.safetensors"))) {
                assertThat(saved.tensors().keySet()).isEqualTo(all.tensors());
                for (String tensor : all.tensors()) {
                    assertThat(saved.info(tensor).shape())
                            .isEqualTo(all.fileOf(tensor).info(tensor).shape());
                }
            }
            try (LanguageModel one = LanguageModel.loadTrainable(actual);
                    LanguageModel two = LanguageModel.loadTrainable(expected)) {
                assertThat(one.tunable().parameters().flat().toFloatArray())
                        .isEqualTo(two.tunable().parameters().flat().toFloatArray());
            }
            return;
        }
        try (Safetensors one = Safetensors.open(actual);
                Safetensors two = Safetensors.open(expected)) {
            assertThat(one.tensors().keySet()).isEqualTo(two.tensors().keySet());
            for (String tensor : two.tensors().keySet()) {
                assertThat(one.info(tensor).shape())
                        .as(tensor)
                        .isEqualTo(two.info(tensor).shape());
                assertThat(GoldenDirectory.floats(actual, tensor))
                        .as(tensor)
                        .containsExactly(GoldenDirectory.floats(expected, tensor), within(tolerance));
            }
        }
    }

    static float[] gradients(Adapter adapter) {
        NDArray gradient =
                Objects.requireNonNull(Torch.gradient(adapter.parameters().flat()));
        try (gradient) {
            return gradient.toFloatArray();
        }
    }

    /** The tensors of a PEFT file in the order in which an adapter holds them. */
    static float[] flat(Path file, Adapter adapter) throws IOException {
        float[] all = new float[Math.toIntExact(adapter.parameters().flat().size())];
        int first = 0;
        for (FlatParameters.Parameter parameter : adapter.parameters().parameters()) {
            float[] values = GoldenDirectory.floats(file, "base_model.model." + parameter.name());
            System.arraycopy(values, 0, all, first, values.length);
            first += values.length;
        }
        return all;
    }
}

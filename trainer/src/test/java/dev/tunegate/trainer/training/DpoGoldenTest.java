package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.dataset.PreferencePair;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Weights;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Compares DPO with what TRL computed for two pairs, in {@code llama/dpo} below {@code -Dgolden.dir=DIR} or the shipped
 * references. The policy begins as {@code llama/adapter_init}, its reference is the model without adapter.
 */
@ExtendWith(OnTestDevice.class)
class DpoGoldenTest {
    private static final double LOSS = 5e-6;
    private static final float GRADIENTS = 5e-6f;
    private static final double TRAJECTORY = 2e-5;
    private static final float ADAPTER_WEIGHTS = 5e-4f;

    /** Sums of some ten log-probabilities near 80, of which float32 keeps five decimals. */
    private static final float SUMS = 5e-5f;

    private Path llama;
    private JsonNode golden;
    private LanguageModel model;
    private Adapter adapter;

    @BeforeEach
    void open() throws Exception {
        String property = System.getProperty("golden.dir");
        Path root = property != null
                ? Path.of(property)
                : Path.of(Objects.requireNonNull(DpoGoldenTest.class.getResource("/golden"))
                        .toURI());
        llama = root.resolve("llama");
        golden =
                new ObjectMapper().readTree(llama.resolve("dpo/golden_dpo.json").toFile());
        model = LanguageModel.load(llama.resolve("model"), ComputeType.FP32);
        adapter = Adapter.load(llama.resolve("adapter_init"), model);
    }

    @AfterEach
    void close() {
        adapter.close();
        model.close();
    }

    @Test
    void sequencesAreAsLikelyAsInTheReference() {
        assertThat(sums(adapter.weights())).containsExactly(floats("policy_logps"), within(SUMS));
        assertThat(sums(model.weights())).containsExactly(floats("ref_logps"), within(SUMS));
    }

    @Test
    void lossRewardsAndGradientsAreTrls() throws Exception {
        try (Preferences dpo = dpo();
                NDManager scope = model.newSubManager()) {
            Metrics metrics = dpo.train(
                            scope,
                            Batch.of(pairs()),
                            adapter,
                            2,
                            new Objective.Pass(1, false, adapter.gradients(), Stop.NEVER),
                            new StepTimes())
                    .read();

            JsonNode trl = golden.path("trl").path("metrics");
            assertThat(metrics.loss()).isCloseTo(number("loss"), within(LOSS));
            Metrics.Rewards rewards = Objects.requireNonNull(metrics.rewards());
            assertThat(rewards.pairs()).isEqualTo(2);
            assertThat(rewards.chosenSum() / 2)
                    .isCloseTo(trl.path("rewards/chosen").doubleValue(), within(LOSS));
            assertThat(rewards.rejectedSum() / 2)
                    .isCloseTo(trl.path("rewards/rejected").doubleValue(), within(LOSS));
            assertThat((double) rewards.ahead() / 2)
                    .isEqualTo(trl.path("rewards/accuracies").doubleValue());
            assertThat(metrics.accuracy())
                    .isEqualTo(trl.path("mean_token_accuracy").doubleValue());
            try (NDArray gradient = adapter.parameters().gradient()) {
                assertThat(gradient.toFloatArray())
                        .containsExactly(flat(llama.resolve("dpo/lora_grads.safetensors")), within(GRADIENTS));
            }
        }
    }

    @Test
    void tenStepsGoTheReferencesWay() throws Exception {
        JsonNode train = golden.path("train");
        try (TrainStep steps = step(adapter)) {
            List<Batch> batch = List.of(Batch.of(pairs()));
            for (int i = 0; i < train.path("losses").size(); i++) {
                Metrics metrics = steps.step(batch, train.path("lr").doubleValue());
                assertThat(metrics.loss())
                        .as("loss before step %d", i)
                        .isCloseTo(train.path("losses").path(i).doubleValue(), within(TRAJECTORY));
                assertThat(metrics.gradNorm())
                        .as("gradient norm at step %d", i)
                        .isCloseTo(train.path("grad_norms_before_clip").path(i).doubleValue(), within(TRAJECTORY * 5));
            }
            Metrics after = steps.evaluate(batch);
            assertThat(after.loss()).isCloseTo(train.path("loss_after").doubleValue(), within(TRAJECTORY));
            assertThat(Objects.requireNonNull(after.rewards()).ahead()).isEqualTo(2);
        }
        assertThat(adapter.parameters().flat().toFloatArray())
                .containsExactly(
                        flat(llama.resolve("dpo/adapter_final/adapter_model.safetensors")), within(ADAPTER_WEIGHTS));
    }

    @Test
    void microBatchesOfPairsEqualOneBatch() throws Exception {
        try (Adapter other = Adapter.load(llama.resolve("adapter_init"), model);
                TrainStep whole = step(adapter);
                TrainStep split = step(other)) {
            Metrics expected = whole.step(List.of(Batch.of(pairs())), 1e-3);
            // At most one token a batch, and still no pair is torn apart.
            List<Batch> each = Batch.split(pairs(), 1);
            Metrics actual = split.step(each, 1e-3);

            assertThat(each).hasSize(2);
            assertThat(actual.loss()).isCloseTo(expected.loss(), within(LOSS));
            assertThat(actual.gradNorm()).isCloseTo(expected.gradNorm(), within(LOSS * 5));
            assertThat(other.parameters().flat().toFloatArray())
                    .containsExactly(adapter.parameters().flat().toFloatArray(), within(ADAPTER_WEIGHTS));
        }
    }

    private TrainStep step(Adapter trained) {
        return new TrainStep(model, trained, dpo(), AdamW.Settings.DEFAULT, 0);
    }

    private Preferences dpo() {
        return new Preferences(model, model.weights(), number("beta"), () -> {});
    }

    /** The rows, chosen ones before rejected ones, without their padding. */
    private List<PreferencePair> pairs() {
        return List.of(new PreferencePair(row(0), row(2)), new PreferencePair(row(1), row(3)));
    }

    private Example row(int row) {
        int length = 0;
        for (JsonNode one : golden.path("attention_mask").path(row)) {
            length += one.intValue();
        }
        int[] tokens = new int[length];
        boolean[] trained = new boolean[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = golden.path("input_ids").path(row).path(i).intValue();
            trained[i] = golden.path("completion_mask").path(row).path(i).intValue() == 1;
        }
        return new Example(tokens, trained);
    }

    private float[] sums(Weights weights) {
        try (NDManager scope = model.newSubManager()) {
            Batch rows = Batch.of(List.of(row(0), row(1), row(2), row(3)));
            return model.logProbabilities(scope, rows, weights, false).sums().toFloatArray();
        }
    }

    private double number(String field) {
        return golden.path(field).doubleValue();
    }

    private float[] floats(String field) {
        float[] values = new float[golden.path(field).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = golden.path(field).path(i).floatValue();
        }
        return values;
    }

    /** The tensors of a PEFT file in the order in which an adapter holds them. */
    private float[] flat(Path file) throws IOException {
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

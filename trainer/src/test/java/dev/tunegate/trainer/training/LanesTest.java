package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Rope;
import dev.tunegate.trainer.checkpoint.Switches;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.OnTestDevice;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(OnTestDevice.class)
class LanesTest {
    private static final ModelConfig CONFIG = new ModelConfig(
            "LlamaForCausalLM", 50, 16, 32, 2, 4, 2, 8, 64, 1e-5, new Rope(10000), true, 0.2, Switches.llama(8));

    private final LanguageModel model = LanguageModel.randomFrozen(CONFIG, ComputeType.FP32);

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void thereAreAsManyAsPay() {
        assertThat(parts(batch(40, 40, 40, 40), 1, 2)).hasSize(2);
        assertThat(parts(batch(40, 40, 40, 40), 1, 1)).as("one thread").hasSize(1);
        assertThat(parts(batch(40, 40, 40, 40), 1, 16)).as("four each").hasSize(4);
        assertThat(parts(batch(40, 40, 40, 40), 1, 6)).as("three each").hasSize(2);
        assertThat(parts(batch(160), 1, 2)).as("one sequence").hasSize(1);
        assertThat(parts(batch(130, 40), 1, 2)).as("uneven").hasSize(1);
        assertThat(parts(batch(20, 20), 1, 2)).as("few tokens").hasSize(1);
        assertThat(parts(batch(40, 40), 2, 2)).as("one pair").hasSize(1);
    }

    private List<Batch> parts(Batch batch, int together, int threads) {
        try (Adapter adapter = adapter();
                Lanes lanes = new Lanes(model, adapter, threads)) {
            return lanes.parts(batch, together);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theyTrainWhatOneAfterTheOtherDoes(boolean pairs) {
        int together = pairs ? 2 : 1;
        Batch whole = batch(40, 44, 41, 39, 50, 43, 38, 52);
        // Each sequence, or pair, by itself: those are not taken apart.
        List<Batch> alone = whole.shares(8 / together, together);
        try (Adapter adapter = adapter();
                Adapter expected = adapter();
                TrainStep step = steps(adapter, pairs, 2);
                TrainStep one = steps(expected, pairs, 1)) {
            assertThat(parts(whole, together, 2)).hasSize(2);
            for (int i = 0; i < 3; i++) {
                Metrics metrics = one.step(alone, 1e-2);
                Metrics beside = step.step(List.of(whole), 1e-2);
                assertThat(beside.loss()).isCloseTo(metrics.loss(), within(1e-5));
                assertThat(beside.gradNorm()).isCloseTo(metrics.gradNorm(), within(1e-5));
                assertThat(beside.tokens()).isEqualTo(metrics.tokens());
            }
            assertThat(step.evaluate(List.of(whole)).loss())
                    .isCloseTo(one.evaluate(alone).loss(), within(1e-5));
        }
    }

    @Test
    void whenOneFailsTheOthersAreWaitedForAndNothingIsLeftOfThem() {
        List<Batch> parts = batch(40, 40).shares(2, 1);
        try (Adapter adapter = adapter();
                Lanes lanes = new Lanes(model, adapter, 2)) {
            List<NDList> own = Objects.requireNonNull(adapter.gradients());
            var failed = new CountDownLatch(1);

            assertThatThrownBy(() -> lanes.train(parts, own, (part, gradients) -> {
                        if (gradients == own) {
                            failed.countDown();
                            throw new IllegalStateException("the first one fails");
                        }
                        await(failed);
                        return gradients.get(0).get(0).addi(1);
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the first one fails");

            NDArray first = own.get(0).get(0);
            assertThat(first.toFloatArray()).as("what the other has added").containsOnly(1);
            lanes.train(parts, own, (part, gradients) -> part);
            assertThat(first.toFloatArray()).as("is not added once more").containsOnly(1);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Adapter adapter() {
        return Adapter.create(model, new LoraConfig(2, 4, 0, LoraConfig.allLinears(CONFIG)), 3);
    }

    private TrainStep steps(Adapter adapter, boolean pairs, int threads) {
        Objective objective = pairs ? new Preferences(model, model.weights(), 0.5, () -> {}) : new NextTokens(model);
        return new TrainStep(model, adapter, objective, AdamW.Settings.DEFAULT, 1, threads);
    }

    /** Sequences of these lengths. */
    private static Batch batch(int... lengths) {
        return Batch.of(Arrays.stream(lengths)
                .mapToObj(length -> {
                    boolean[] trained = new boolean[length];
                    Arrays.fill(trained, true);
                    return new Example(
                            IntStream.range(0, length).map(i -> i * length % 50).toArray(), trained);
                })
                .toList());
    }
}

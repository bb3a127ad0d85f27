package dev.tunegate.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tunegate.trainer.bench.Shape;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.PassMemory;
import dev.tunegate.trainer.model.PassMemory.Differentiation;
import dev.tunegate.trainer.model.WeightLayout;
import java.io.IOException;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryEstimateTest {
    /** Of the machine that the figures are from. */
    private static final int THREADS = 2;

    private static final int RANK = 16;
    private static final MemoryPlan GENEROUS = new MemoryPlan(2048, false);

    /** What {@code bench train --dtype DTYPE --rank 16} had resident at most, on Linux x86-64 with two threads. */
    @ParameterizedTest(name = "{0} in {1}, {2} × {3} tokens, recomputed: {4}")
    @CsvSource({
        "smollm2-135m, BF16, 1, 256, false, 887",
        "smollm2-135m, BF16, 4, 256, false, 1442",
        "smollm2-135m, BF16, 4, 256, true, 855",
        "smollm2-135m, BF16, 1, 1024, false, 1620",
        "smollm2-135m, BF16, 1, 1024, true, 850",
        "smollm2-135m, BF16, 1, 2048, false, 1878",
        "smollm2-135m, BF16, 1, 2048, true, 1036",
        "smollm2-135m, BF16, 1, 4096, true, 1293",
        "smollm2-135m, FP32, 2, 512, false, 2460",
        "tinyllama-1.1b, BF16, 1, 512, false, 3717",
        "tinyllama-1.1b, BF16, 1, 512, true, 2834",
        "tinyllama-1.1b, BF16, 1, 1024, false, 5134",
        "tinyllama-1.1b, BF16, 1, 2048, false, 5675",
        "tinyllama-1.1b, BF16, 1, 2048, true, 3513"
    })
    void isNearWhatWasMeasured(String shape, ComputeType type, int batch, int length, boolean recompute, long measured)
            throws IOException {
        MemoryEstimate estimate = estimate(Shape.named(shape).config(), type, length, batch);

        long mib = estimate.bytes(new MemoryPlan(Math.max(1365, length), recompute)) >> 20;

        assertThat(mib).isCloseTo(measured, Percentage.withPercentage(25)).isGreaterThan(measured * 9 / 10);
    }

    /** What the same had of an NVIDIA H200's memory ({@code peak_gpu_mb}), with libtorch 2.11. */
    @ParameterizedTest(name = "{0}, {1} × {2} tokens, recomputed: {3}")
    @CsvSource({
        "smollm2-135m, 4, 256, false, 2718",
        "smollm2-135m, 16, 1024, false, 22240",
        "tinyllama-1.1b, 1, 2048, false, 8002",
        "tinyllama-1.1b, 1, 4096, true, 3958",
        "llama3-8b, 1, 512, false, 20960",
        "llama3-8b, 1, 4096, false, 46684",
        "llama3-8b, 1, 4096, true, 18874",
        "llama3-8b, 4, 2048, false, 76456"
    })
    void isNearWhatWasMeasuredOnAGpu(String shape, int batch, int length, boolean recompute, long measured)
            throws IOException {
        ModelConfig config = Shape.named(shape).config();
        MemoryEstimate estimate = estimate(config, ComputeType.BF16, length, batch, Differentiation.FUSED);

        long mib = estimate.bytes(new MemoryPlan(16_384, recompute)) >> 20;

        assertThat(mib).isCloseTo(measured, Percentage.withPercentage(25)).isGreaterThan(measured * 9 / 10);
    }

    /** 1,000 chat lines of 12 to 1,024 tokens, four a step. */
    @ParameterizedTest
    @CsvSource({"false, 2179", "true, 1097"})
    void isNearWhatWasMeasuredWithExamplesOfVeryDifferentLengths(boolean recompute, long measured) throws IOException {
        MemoryEstimate estimate = estimate(Shape.SMOLLM2_135M.config(), ComputeType.BF16, 1024, 4);

        long mib = estimate.bytes(new MemoryPlan(1365, recompute)) >> 20;

        assertThat(mib).isCloseTo(measured, Percentage.withPercentage(25)).isGreaterThan(measured * 9 / 10);
    }

    /** Attention weights of more than 1,024 tokens are not kept, so that a batch of shorter ones may take more. */
    @Test
    void alsoBatchesWithoutTheLongestExampleAreCounted() throws IOException {
        MemoryEstimate shorter = estimate(Shape.SMOLLM2_135M.config(), ComputeType.BF16, 1024, 4);
        MemoryEstimate withALonger = new MemoryEstimate(
                shorter.process(),
                shorter.weights(),
                shorter.parameters(),
                shorter.pass(),
                new MemoryEstimate.Examples(1100, 1024, 1, 4),
                true,
                shorter.threads());
        MemoryPlan plan = new MemoryPlan(1365, false);

        assertThat(withALonger.bytes(plan)).isGreaterThanOrEqualTo(shorter.bytes(plan));
    }

    @Test
    void layersAreKeptAsLongAsThatLeavesBatchesOfASensibleSize() throws IOException {
        MemoryEstimate estimate = estimate(Shape.SMOLLM2_135M.config(), ComputeType.BF16, 256, 64);
        long whole = estimate.bytes(GENEROUS);
        long half = estimate.bytes(new MemoryPlan(1024, false));
        long sensible = estimate.bytes(new MemoryPlan(512, false));

        assertThat(estimate.fitting(GENEROUS, null, whole)).isEqualTo(GENEROUS);
        assertThat(estimate.fitting(GENEROUS, null, whole - 1)).isEqualTo(new MemoryPlan(1024, false));
        assertThat(estimate.fitting(GENEROUS, null, half - 1)).isEqualTo(new MemoryPlan(512, false));
        assertThat(estimate.fitting(GENEROUS, null, sensible - 1))
                .as("recomputed, and as many tokens again as fit")
                .matches(MemoryPlan::recompute)
                .matches(plan -> estimate.bytes(plan) < sensible)
                .matches(plan -> plan.batchTokens() > 512);
    }

    @Test
    void itCanBeForcedEitherWay() throws IOException {
        MemoryEstimate estimate = estimate(Shape.SMOLLM2_135M.config(), ComputeType.BF16, 256, 64);
        long little = estimate.bytes(new MemoryPlan(512, false)) - 1;

        assertThat(estimate.fitting(GENEROUS, true, Long.MAX_VALUE)).isEqualTo(new MemoryPlan(2048, true));
        assertThat(estimate.fitting(GENEROUS, false, little)).isEqualTo(new MemoryPlan(256, false));
    }

    @Test
    void aStepsExamplesMayBeFewerThanGoThroughAtOnce() throws IOException {
        MemoryEstimate two = estimate(Shape.SMOLLM2_135M.config(), ComputeType.BF16, 256, 2);
        MemoryEstimate eight = estimate(Shape.SMOLLM2_135M.config(), ComputeType.BF16, 256, 8);

        assertThat(two.bytes(GENEROUS)).isEqualTo(eight.bytes(new MemoryPlan(512, false)));
    }

    @Test
    void whatCannotFitIsRefusedWithTheContextLengthThatWouldFit() throws IOException {
        MemoryEstimate estimate = estimate(Shape.TINYLLAMA_1_1B.config(), ComputeType.BF16, 2048, 1);
        MemoryEstimate fits = estimate(Shape.TINYLLAMA_1_1B.config(), ComputeType.BF16, 1000, 1);
        long free = fits.bytes(new MemoryPlan(64, true)) - fits.fixed();

        assertThatThrownBy(() -> estimate.require(GENEROUS, null, free))
                .isInstanceOfSatisfying(
                        TrainingFailure.class,
                        failure -> assertThat(failure.code()).isEqualTo("not_enough_memory"))
                .hasMessageMatching(
                        "The training needs about 3\\.\\d GB of memory \\(model 2\\.7 GB, adapter and optimizer"
                                + " 0\\.2 GB, a sequence of 2,048 tokens 0\\.\\d GB\\); there are 3\\.\\d GB for it\\. It would fit with"
                                + " a context_length of at most 1000\\.");
    }

    @Test
    void whatIsForcedToBeKeptWouldFitOtherwise() throws IOException {
        MemoryEstimate estimate = estimate(Shape.TINYLLAMA_1_1B.config(), ComputeType.BF16, 2048, 1);
        long free = estimate.bytes(new MemoryPlan(64, true)) - estimate.fixed();

        assertThat(estimate.require(GENEROUS, null, free).recompute()).isTrue();
        assertThatThrownBy(() -> estimate.require(GENEROUS, false, free))
                .hasMessageEndingWith("It would fit with gradient_checkpointing \"auto\".");
    }

    @Test
    void whereNoContextFitsAnotherModelIsAdvised() throws IOException {
        MemoryEstimate estimate = estimate(Shape.LLAMA3_8B.config(), ComputeType.BF16, 4096, 1);

        assertThatThrownBy(() -> estimate.require(GENEROUS, null, 1 << 20))
                .hasMessageEndingWith(
                        "No context_length makes it fit: use a smaller model, or a worker with more memory.");
    }

    private static MemoryEstimate estimate(ModelConfig config, ComputeType type, int longest, int batchSize) {
        return estimate(config, type, longest, batchSize, Differentiation.OWN);
    }

    private static MemoryEstimate estimate(
            ModelConfig config, ComputeType type, int longest, int batchSize, Differentiation differentiation) {
        WeightLayout layout = new WeightLayout(config);
        long adapter = layout.linears().stream()
                .mapToLong(linear -> (long) RANK * (linear.in() + linear.out()))
                .sum();
        long ranks = (long) RANK * layout.linears().size();
        return new MemoryEstimate(
                differentiation == Differentiation.FUSED ? MemoryEstimate.GPU_PROCESS : MemoryEstimate.PROCESS,
                layout.elements() * type.stored().bytes(),
                16 * adapter,
                new PassMemory(config, type, ranks, false, differentiation),
                MemoryEstimate.Examples.alike(longest, 1, batchSize),
                true,
                THREADS);
    }
}

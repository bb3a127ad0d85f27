package dev.tunegate.trainer.bench;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.Example;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.torch.CudaDevice;
import dev.tunegate.trainer.torch.Torch;
import dev.tunegate.trainer.training.AdamW;
import dev.tunegate.trainer.training.FreeMemory;
import dev.tunegate.trainer.training.MemoryEstimate;
import dev.tunegate.trainer.training.MemoryPlan;
import dev.tunegate.trainer.training.Metrics;
import dev.tunegate.trainer.training.TrainStep;
import dev.tunegate.trainer.training.TrainingData;
import dev.tunegate.trainer.training.TrainingFailure;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Times LoRA training steps, optimizer included, on all linear layers of a model. */
public final class TrainBench {
    private static final double LEARNING_RATE = 1e-4;
    private static final long SEED = 1;

    /** So many steps go before those that count: the first ones fill caches and the allocator. */
    private static final int WARMUP = 2;

    private final LanguageModel model;
    private final List<Example> examples;
    private final int batchSize;
    private final int rank;
    private final @Nullable Boolean checkpointing;

    /**
     * Prepares steps that take the examples in their order, and the first one again after the last.
     *
     * @param batchSize examples of a step
     * @param checkpointing whether layers are computed once more; null where memory asks for it
     */
    public TrainBench(
            LanguageModel model, List<Example> examples, int batchSize, int rank, @Nullable Boolean checkpointing) {
        this.model = model;
        this.examples = examples;
        this.batchSize = batchSize;
        this.rank = rank;
        this.checkpointing = checkpointing;
    }

    /** Examples of one length that are trained on in full; their text means nothing. */
    public static List<Example> examples(int count, int length, int vocabulary) {
        var random = new java.util.SplittableRandom(SEED);
        return Stream.generate(() -> {
                    boolean[] trained = new boolean[length];
                    Arrays.fill(trained, true);
                    return new Example(random.ints(length, 0, vocabulary).toArray(), trained);
                })
                .limit(count)
                .toList();
    }

    /**
     * Fails when the steps cannot fit, before there is a model.
     *
     * @throws TrainingFailure that says what would
     */
    public static void requireMemory(
            ModelConfig config,
            ComputeType type,
            List<Example> examples,
            int batchSize,
            int rank,
            @Nullable Boolean checkpointing) {
        MemoryEstimate estimate = MemoryEstimate.of(config, type, lora(config, rank), data(examples), batchSize);
        estimate.requireWithin(
                MemoryPlan.generous(config), checkpointing, FreeMemory.bytes() + estimate.present(false));
    }

    private static LoraConfig lora(ModelConfig config, int rank) {
        return new LoraConfig(rank, 2.0 * rank, 0, LoraConfig.allLinears(config));
    }

    private static TrainingData data(List<Example> examples) {
        return new TrainingData(examples, List.of(), List.of());
    }

    /**
     * Runs the steps.
     *
     * @param choice the type the model was loaded in
     * @param profile where to write a trace of the last step in Chrome's format
     * @param progress hears each step's loss
     */
    public TrainBenchResult run(
            int steps, ComputeType.Choice choice, @Nullable Path profile, Consumer<Metrics> progress) {
        LoraConfig lora = lora(model.config(), rank);
        try (Adapter adapter = Adapter.create(model, lora, SEED);
                TrainStep training = new TrainStep(model, adapter, AdamW.Settings.DEFAULT, SEED)) {
            MemoryEstimate estimate = MemoryEstimate.of(model, adapter, data(examples), batchSize, lora.dropout());
            MemoryPlan plan = estimate.require(MemoryPlan.generous(model.config()), checkpointing, FreeMemory.bytes());
            for (int i = 0; i < Math.min(WARMUP, steps); i++) {
                progress.accept(training.step(batches(i, plan), LEARNING_RATE, plan.recompute()));
            }
            var timed = new Timed(training, plan, progress);
            for (int i = 0; i < steps; i++) {
                timed.step(batches(WARMUP + i, plan));
            }
            TrainBenchResult result = timed.result(model, steps, choice, estimate.bytes(plan));
            if (profile != null) {
                List<Batch> batches = batches(WARMUP + steps, plan);
                Torch.profile(profile, () -> training.step(batches, LEARNING_RATE, plan.recompute()));
            }
            return result;
        }
    }

    private List<Batch> batches(int step, MemoryPlan plan) {
        List<Example> chosen = IntStream.range(0, batchSize)
                .mapToObj(i -> examples.get((step * batchSize + i) % examples.size()))
                .toList();
        return Batch.split(chosen, plan.batchTokens());
    }

    /** The steps that count. */
    private static final class Timed {
        private final TrainStep training;
        private final MemoryPlan plan;
        private final Consumer<Metrics> progress;
        private final double forwardBefore;
        private final double backwardBefore;
        private final double optimizerBefore;
        private long nanos;
        private long tokens;
        private long trainedTokens;

        Timed(TrainStep training, MemoryPlan plan, Consumer<Metrics> progress) {
            this.training = training;
            this.plan = plan;
            this.progress = progress;
            forwardBefore = training.times().forwardSeconds();
            backwardBefore = training.times().backwardSeconds();
            optimizerBefore = training.times().optimizerSeconds();
        }

        void step(List<Batch> batches) {
            long begin = System.nanoTime();
            Metrics metrics = training.step(batches, LEARNING_RATE, plan.recompute());
            nanos += System.nanoTime() - begin;
            tokens += batches.stream().mapToLong(batch -> batch.tokens().length).sum();
            trainedTokens += metrics.tokens();
            progress.accept(metrics);
        }

        TrainBenchResult result(LanguageModel model, int steps, ComputeType.Choice choice, long estimatedBytes) {
            double seconds = nanos / 1e9;
            long peakMemory = PeakMemory.bytes();
            Long gpuMemory =
                    Torch.device().isCuda() ? CudaDevice.inUse().memory().getUsed() >> 20 : null;
            double peak = GemmPeak.measure(choice.type());
            long parameters = model.layout().elements();
            return new TrainBenchResult(
                    tokens / seconds,
                    trainedTokens / seconds,
                    seconds / steps,
                    (training.times().forwardSeconds() - forwardBefore) / steps,
                    (training.times().backwardSeconds() - backwardBefore) / steps,
                    (training.times().optimizerSeconds() - optimizerBefore) / steps,
                    peakMemory >> 20,
                    gpuMemory,
                    estimatedBytes >> 20,
                    plan.recompute(),
                    choice.type().toString(),
                    choice.reason(),
                    Torch.device().toString(),
                    Torch.threads(),
                    parameters,
                    peak / 1e9,
                    4.0 * parameters * tokens / seconds / peak);
        }
    }
}

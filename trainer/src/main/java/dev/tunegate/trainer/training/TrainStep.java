package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.torch.EngineErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Trains an adapter, or all of a model's weights, one optimizer step at a time. */
public final class TrainStep implements AutoCloseable {

    private final LanguageModel model;
    private final Tunable tunable;
    private final AdamW optimizer;
    private final Objective objective;
    private final long seed;
    private final StepTimes times = new StepTimes();
    private final Lanes lanes;

    /**
     * Begins a supervised training at step 0.
     *
     * @param tunable an adapter of the model, or {@link LanguageModel#tunable()}
     * @param seed decides the dropout masks, together with the number of the step
     */
    public TrainStep(LanguageModel model, Tunable tunable, AdamW.Settings settings, long seed) {
        this(model, tunable, new NextTokens(model), settings, seed);
    }

    /** Begins at step 0; the objective is closed with this. */
    TrainStep(LanguageModel model, Tunable tunable, Objective objective, AdamW.Settings settings, long seed) {
        this(model, tunable, objective, settings, seed, Lanes.threads());
    }

    /** Begins at step 0 and lets {@link Lanes} share so many threads. */
    TrainStep(
            LanguageModel model,
            Tunable tunable,
            Objective objective,
            AdamW.Settings settings,
            long seed,
            int threads) {
        this.model = model;
        this.tunable = tunable;
        this.objective = objective;
        this.seed = seed;
        lanes = new Lanes(model, tunable, threads);
        optimizer = new AdamW(model.newSubManager(), model.tensors(), tunable.parameters(), settings);
    }

    /**
     * One optimizer step. The loss is the mean over all labels (or pairs) of all micro-batches, so it does not matter how
     * examples are distributed over them. Without any nothing changes.
     */
    public Metrics step(List<Batch> microBatches, double learningRate) {
        return step(microBatches, learningRate, false);
    }

    /**
     * The same.
     *
     * @param recompute whether layers are computed once more in the backward pass instead of kept
     * @throws OutOfMemory when a micro-batch is too large; then nothing has changed
     */
    public Metrics step(List<Batch> microBatches, double learningRate, boolean recompute) {
        return step(microBatches, learningRate, recompute, Stop.NEVER);
    }

    /**
     * The same, as long as it is wanted.
     *
     * @throws Stopped when it is not; then nothing has changed
     */
    Metrics step(List<Batch> microBatches, double learningRate, boolean recompute, Stop stop) {
        long total = microBatches.stream().mapToLong(objective::terms).sum();
        if (total == 0) {
            return new Metrics(0, 0, 0, 0);
        }
        try (NDManager step = model.newSubManager()) {
            List<Objective.Measurement> measured = passes(step, microBatches, total, recompute, stop);
            long begin = System.nanoTime();
            NDArray gradNorm = optimizer.step(step, learningRate);
            long updated = System.nanoTime();
            times.optimizer(updated - begin);
            // Reading a number waits for a GPU to come so far, which is why nothing is read before everything is under
            // way.
            Metrics metrics = measured.stream()
                    .map(Objective.Measurement::read)
                    .reduce(Metrics::plus)
                    .orElseThrow()
                    .withGradNorm(gradNorm.getFloat());
            times.waited(System.nanoTime() - updated);
            return metrics;
        }
    }

    private List<Objective.Measurement> passes(
            NDManager step, List<Batch> microBatches, long total, boolean recompute, Stop stop) {
        List<Objective.Measurement> measured = new ArrayList<>();
        try {
            for (int i = 0; i < microBatches.size(); i++) {
                stop.check();
                Batch batch = microBatches.get(i);
                if (objective.terms(batch) > 0) {
                    // A run that is resumed at this step draws the same masks.
                    long dropoutSeed = (seed * 1_000_003 + optimizer.steps()) * 4_099 + i * 1_031L;
                    measured.addAll(train(step, batch, total, dropoutSeed, recompute, stop));
                }
            }
        } catch (Stopped e) {
            tunable.parameters().clearGradient();
            throw e;
        }
        return measured;
    }

    private List<Objective.Measurement> train(
            NDManager step, Batch batch, long total, long dropoutSeed, boolean recompute, Stop stop) {
        try {
            // Libtorch's own passes keep every layer.
            List<NDList> gradients = model.prefersAutograd() && !recompute ? null : tunable.gradients();
            if (gradients == null) {
                var how = new Objective.Pass(dropoutSeed, recompute, null, stop);
                return List.of(objective.train(step, batch, tunable, total, how, times));
            }
            // Lanes would draw their masks from one generator, in an order that chance decides.
            List<Batch> parts = tunable.drops() ? List.of(batch) : parts(batch);
            List<Lane> passed = lanes.train(parts, gradients, (part, own) -> {
                var how = new Objective.Pass(dropoutSeed, recompute, own, stop);
                var laneTimes = new StepTimes();
                return new Lane(objective.train(step, part, tunable, total, how, laneTimes), laneTimes);
            });
            times.sideBySide(passed.stream().map(Lane::times).toList());
            return passed.stream().map(Lane::measured).toList();
        } catch (RuntimeException e) {
            if (!EngineErrors.isOutOfMemory(e)) {
                throw e;
            }
            // What this step's batches have added is added once more when the step is repeated.
            tunable.parameters().clearGradient();
            throw new OutOfMemory(batch, e);
        }
    }

    /** What came of one. */
    private record Lane(Objective.Measurement measured, StepTimes times) {}

    private List<Batch> parts(Batch batch) {
        return lanes.parts(batch, objective.sequences()).stream()
                .filter(part -> objective.terms(part) > 0)
                .toList();
    }

    /**
     * The loss and accuracy of some batches; changes nothing.
     *
     * @throws OutOfMemory when a batch is too large
     */
    public Metrics evaluate(List<Batch> batches) {
        return evaluate(batches, Stop.NEVER);
    }

    /** The same, as long as it is wanted. */
    Metrics evaluate(List<Batch> batches, Stop stop) {
        Metrics sum = new Metrics(0, 0, 0, 0);
        for (Batch batch : batches) {
            stop.check();
            if (objective.terms(batch) > 0) {
                try (NDManager scope = model.newSubManager()) {
                    List<Metrics> measured = lanes.evaluate(
                            parts(batch), part -> objective.evaluate(scope, part, tunable.weights(), stop));
                    sum = measured.stream().reduce(sum, Metrics::plus);
                } catch (RuntimeException e) {
                    throw EngineErrors.isOutOfMemory(e) ? new OutOfMemory(batch, e) : e;
                }
            }
        }
        return sum;
    }

    /** Where the time of the steps went so far. */
    public StepTimes times() {
        return times;
    }

    /** The number of steps taken. */
    public long steps() {
        return optimizer.steps();
    }

    /** Writes the optimizer's state; the parameters themselves are saved by whoever owns them. */
    public void saveOptimizer(Path file) throws IOException {
        optimizer.save(file);
    }

    /** Goes on from a state that {@link #saveOptimizer} wrote. */
    public void loadOptimizer(Path file) throws IOException {
        optimizer.load(file);
    }

    @Override
    public void close() {
        lanes.close();
        optimizer.close();
        objective.close();
    }
}

package dev.tunegate.trainer.training;

import dev.tunegate.trainer.checkpoint.DiskFull;
import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.dataset.TrainingItem;
import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.training.TrainingListener.Progress;
import dev.tunegate.trainer.training.TrainingListener.Saved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The training of one model: epochs of shuffled batches, validation, checkpoints, and a resume state from which
 * it goes on with the same results.
 */
public final class TrainingLoop {
    /** At most this much work, and the step under way, is lost with a worker that dies inside an epoch. */
    private static final Duration RESUME_INTERVAL = Duration.ofSeconds(60);

    private static final Duration LOOK_FOR_ROOM_EVERY = Duration.ofSeconds(1);

    private final Learner learner;
    private final TrainingListener listener;
    private final LongSupplier nanoTime;
    private final DataOrder order;
    private final Validation validation;
    private final CheckpointFiles files;
    private final EarlyStopping stopping;
    private final Hyperparameters hyperparameters;
    private final Fingerprint fingerprint;
    private final int totalSteps;

    private final List<StepMetrics> metrics = new ArrayList<>();
    private long trainedTokens;
    private int step;
    private boolean isSaved = true;
    private long lastSaved;
    private MemoryPlan plan;

    /** What the last step has trained with, as long as its validation is still to come. */
    private @Nullable Metrics learned;

    /**
     * Prepares a training.
     *
     * @param dir where checkpoints and the resume state are written
     * @param nanoTime tells the time, for estimates and for when to save
     */
    public TrainingLoop(
            Learner learner,
            TrainingData data,
            Hyperparameters hyperparameters,
            long seed,
            Path dir,
            TrainingListener listener,
            LongSupplier nanoTime) {
        this.learner = learner;
        this.plan = learner.plan();
        this.hyperparameters = hyperparameters;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.order = new DataOrder(data.training(), hyperparameters.batchSize(), seed);
        this.totalSteps = hyperparameters.nEpochs() * order.stepsPerEpoch();
        this.validation = new Validation(data.validation(), hyperparameters.batchSize(), totalSteps, seed);
        this.files = new CheckpointFiles(dir);
        this.stopping = new EarlyStopping(hyperparameters.earlyStoppingPatience());
        this.fingerprint = new Fingerprint(data.training(), hyperparameters, seed, learner.start());
    }

    /** How many steps are done. */
    public int step() {
        return step;
    }

    public int totalSteps() {
        return totalSteps;
    }

    /** The metrics of every step so far, those before a resume included. */
    public List<StepMetrics> metrics() {
        return List.copyOf(metrics);
    }

    /** How many tokens the training has gone through so far, prompts included. */
    public long trainedTokens() {
        return trainedTokens;
    }

    /** The resume state's file in the training's directory. */
    public Path resumeFile() {
        return files.resume();
    }

    /**
     * Goes back to where a resume state stands; the loop then continues behind it.
     *
     * @throws NotResumable when the file belongs to another training
     */
    public void resumeFrom(Path file) throws IOException {
        try (var scratch = files.scratch()) {
            ResumeState state = ResumeState.read(learner, file, fingerprint, scratch.path(), this::requireWanted);
            step = state.step();
            learned = state.learned();
            trainedTokens = state.trainedTokens();
            metrics.addAll(state.metrics());
            keepTo(state.plan());
        }
    }

    /** The plan of the steps before, so that those to come are what they would have been without an interruption. */
    private void keepTo(@Nullable MemoryPlan before) {
        if (before == null || before.equals(plan)) {
            return;
        }
        if (learner.fits(before)) {
            plan = before;
        } else {
            listener.noted("There is less memory than where the training began. From now on: %s."
                    .formatted(plan.description()));
        }
    }

    /**
     * Trains until the last step, or until the listener wants otherwise.
     *
     * @return whether the last step is done
     * @throws TrainingFailure when the loss is no longer a number
     */
    public boolean run() throws IOException {
        Files.createDirectories(files.dir());
        long start = nanoTime.getAsLong();
        lastSaved = start;
        int firstStep = step;
        while (learned != null || (step < totalSteps && !stopping.isOver(metrics))) {
            try {
                switch (listener.directive()) {
                    case CONTINUE -> advance(start, firstStep);
                    case CANCEL -> {
                        return false;
                    }
                    case PAUSE -> {
                        if (!isSaved) {
                            save(learned == null ? metrics.get(metrics.size() - 1) : null, false);
                        }
                        return false;
                    }
                }
            } catch (Stopped e) {
                // The directive has become another one, which the next look at it obeys.
            }
        }
        stopping.explanation(metrics).ifPresent(listener::noted);
        return true;
    }

    /** Does a step, or what is left of it, and saves what has to be saved behind it. */
    private void advance(long start, int firstStep) throws IOException {
        Metrics train = learned == null ? learn() : learned;
        StepMetrics measured = measure(train);
        learned = null;
        isSaved = false;
        metrics.add(measured);
        long now = nanoTime.getAsLong();
        Duration perStep = Duration.ofNanos((now - start) / Math.max(1, step - firstStep));
        listener.measured(measured, new Progress(trainedTokens, perStep.multipliedBy(totalSteps - step)));
        boolean checkpoint = order.endsEpoch(step);
        boolean tooLateAfterNextStep = now + perStep.toNanos() - lastSaved > RESUME_INTERVAL.toNanos();
        if (checkpoint || tooLateAfterNextStep) {
            save(measured, checkpoint);
            lastSaved = now;
        }
    }

    /** Ends what a pause makes superfluous, because it can be done once more. */
    private void requireWanted() {
        if (listener.directive() != Directive.CONTINUE) {
            throw new Stopped();
        }
    }

    /** Ends what a pause still needs. */
    private void requireNotCancelled() {
        if (listener.directive() == Directive.CANCEL) {
            throw new Stopped();
        }
    }

    /** The step whose weights are the training's result, see {@link EarlyStopping}. */
    public int finalStep() {
        return stopping.finalStep(metrics);
    }

    /** Writes the weights of the {@link #finalStep}. */
    public void saveResult(Path target) throws IOException {
        if (finalStep() == step) {
            learner.save(target);
        } else {
            files.copyCheckpoint(finalStep(), target);
        }
    }

    /** Trains on the next step's examples. A step that is stopped has not begun. */
    private Metrics learn() {
        step++;
        try {
            List<TrainingItem> examples = order.batch(step);
            double rate = learningRate();
            Metrics train =
                    withinMemory(() -> learner.step(split(examples), rate, plan.recompute(), this::requireWanted));
            requireFinite("the training loss", train.lossSum());
            requireFinite("the gradient's norm", train.gradNorm());
            trainedTokens +=
                    examples.stream().mapToLong(TrainingItem::tokenCount).sum();
            learned = train;
            isSaved = false;
            return train;
        } catch (Stopped e) {
            step--;
            throw e;
        }
    }

    /** Measures the step that is done. */
    private StepMetrics measure(Metrics train) {
        boolean endOfEpoch = order.endsEpoch(step);
        Metrics sample = withinMemory(
                () -> validation.sample(learner, plan.batchTokens(), step, endOfEpoch, this::requireWanted));
        Metrics full = endOfEpoch
                ? withinMemory(() -> validation.full(learner, plan.batchTokens(), this::requireWanted))
                : null;
        for (Metrics measured : Stream.of(sample, full).filter(Objects::nonNull).toList()) {
            requireFinite("the validation loss", measured.lossSum());
        }
        if (endOfEpoch && full == null) {
            // A checkpoint is to be usable: the loss above is from before the last update.
            List<TrainingItem> examples = order.batch(step);
            Metrics behind = withinMemory(() -> learner.evaluate(split(examples).subList(0, 1), this::requireWanted));
            requireFinite("the loss behind the last update", behind.lossSum());
        }
        return new StepMetrics(
                step,
                totalSteps,
                orZero(train.loss()),
                orZero(train.accuracy()),
                loss(sample),
                accuracy(sample),
                loss(full),
                accuracy(full),
                RewardMetrics.of(train, sample, full));
    }

    private List<Batch> split(List<TrainingItem> examples) {
        return Batch.split(examples, plan.batchTokens());
    }

    /** Repeats what runs out of memory with a plan that needs less, as long as there is one. */
    private <T extends @Nullable Object> T withinMemory(Supplier<T> work) {
        while (true) {
            try {
                return work.get();
            } catch (OutOfMemory e) {
                boolean divisible = e.batch().lengths().length > order.sequencesPerItem();
                plan = plan.smallerThan(e.batch(), divisible, learner.recomputes())
                        .orElseThrow(() -> TrainingFailure.outOfMemory(step, e.batch()));
                listener.noted("Step %d ran out of memory with %,d tokens at once. It is repeated, and from now on: %s."
                        .formatted(step, e.batch().tokens().length, plan.description()));
            }
        }
    }

    private void requireFinite(String what, double value) {
        if (!Double.isFinite(value)) {
            int lastCheckpoint = (step - 1) / order.stepsPerEpoch() * order.stepsPerEpoch();
            throw TrainingFailure.notFinite(what, step, learningRate(), lastCheckpoint);
        }
    }

    /** Saves, and waits where the disk is full: what has been trained is in memory, and nothing of it is lost. */
    private void save(@Nullable StepMetrics measured, boolean checkpoint) throws IOException {
        boolean isTold = false;
        while (true) {
            try {
                trySave(measured, checkpoint);
                return;
            } catch (IOException e) {
                if (!DiskFull.is(e) || listener.directive() != Directive.CONTINUE) {
                    throw e;
                }
                if (!isTold) {
                    listener.noted("The worker's disk is full. The training waits behind step %d until there is room."
                            .formatted(step));
                    isTold = true;
                }
                LockSupport.parkNanos(LOOK_FOR_ROOM_EVERY.toNanos());
                if (Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
        }
    }

    private void trySave(@Nullable StepMetrics measured, boolean checkpoint) throws IOException {
        Path weights = null;
        if (checkpoint) {
            weights = files.checkpoint(step);
            learner.save(weights);
            files.dropOldCheckpoints(
                    EarlyStopping.best(metrics).map(StepMetrics::step).orElse(step));
        }
        try (var scratch = files.scratch()) {
            new ResumeState(fingerprint.value(), step, trainedTokens, metrics, plan, learned)
                    .write(learner, files.resume(), scratch.path(), this::requireNotCancelled);
        }
        isSaved = true;
        listener.saved(new Saved(step, weights, files.resume(), measured));
    }

    /**
     * A linear warmup and decay. Shifted by one against the schedule's own count, whose first step has a rate of 0 and
     * would train nothing.
     */
    private double learningRate() {
        int warmup = (int) (hyperparameters.warmupRatio() * totalSteps);
        return hyperparameters.learningRate()
                * LearningRateSchedule.LINEAR.multiplier(step, warmup + 1, totalSteps + 1);
    }

    private static @Nullable Double loss(@Nullable Metrics measured) {
        return measured == null ? null : orZero(measured.loss());
    }

    private static @Nullable Double accuracy(@Nullable Metrics measured) {
        return measured == null ? null : orZero(measured.accuracy());
    }

    /** Examples without a single trained token have no mean. */
    private static double orZero(double mean) {
        return Double.isNaN(mean) ? 0 : mean;
    }
}

package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A learner that pretends to run out of memory, as a real one does in the middle of a step.
 *
 * @param mostTokens as many go through at once
 * @param unlessRecomputed half as many where layers are kept
 * @param plannedTokens how many are to go through at once, by the plan it makes
 */
record FakeMemoryLimit(Learner learner, int mostTokens, boolean unlessRecomputed, int plannedTokens)
        implements Learner {

    /** One that was expected to take 4,096 tokens. */
    FakeMemoryLimit(Learner learner, int mostTokens, boolean unlessRecomputed) {
        this(learner, mostTokens, unlessRecomputed, 4096);
    }

    @Override
    public MemoryPlan plan() {
        return new MemoryPlan(plannedTokens, false);
    }

    @Override
    public boolean fits(MemoryPlan other) {
        return other.batchTokens() <= (other.recompute() || !unlessRecomputed ? mostTokens : mostTokens / 2);
    }

    @Override
    public boolean recomputes() {
        return unlessRecomputed;
    }

    @Override
    public Metrics step(List<Batch> batches, double learningRate, boolean recompute, Stop stop) {
        int most = recompute || !unlessRecomputed ? mostTokens : mostTokens / 2;
        batches.forEach(batch -> require(batch, most));
        return learner.step(batches, learningRate, recompute, stop);
    }

    private static void require(Batch batch, int most) {
        if (batch.tokens().length > most) {
            throw new OutOfMemory(batch, new IllegalStateException("a fake: no memory was asked for"));
        }
    }

    @Override
    public Metrics evaluate(List<Batch> batches, Stop stop) {
        return learner.evaluate(batches, stop);
    }

    @Override
    public void save(Path dir) throws IOException {
        learner.save(dir);
    }

    @Override
    public void saveState(Path dir) throws IOException {
        learner.saveState(dir);
    }

    @Override
    public void restoreState(Path dir) throws IOException {
        learner.restoreState(dir);
    }

    @Override
    public void close() {
        learner.close();
    }
}

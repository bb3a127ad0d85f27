package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Weights in training together with their optimizer: what {@link TrainingLoop} drives. */
public interface Learner extends AutoCloseable {

    /** Tells the weights that training begins with from others; empty where the seed decides them. */
    default String start() {
        return "";
    }

    /** How examples should go through the model. */
    MemoryPlan plan();

    /** Whether another plan would do as well, with the memory there is. */
    boolean fits(MemoryPlan other);

    /** Whether layers can be computed once more in the backward pass. */
    boolean recomputes();

    /**
     * One optimizer step.
     *
     * @param batches the step's micro-batches; each token weighs the same, in whichever it is
     * @param recompute whether layers are computed once more in the backward pass instead of kept
     * @throws OutOfMemory when a micro-batch is too large; then nothing has changed
     * @throws dev.tunegate.trainer.stop.Stopped when it is not wanted any more; then nothing has changed
     */
    Metrics step(List<Batch> batches, double learningRate, boolean recompute, Stop stop);

    /**
     * Loss and accuracy without training.
     *
     * @throws OutOfMemory when a batch is too large
     * @throws dev.tunegate.trainer.stop.Stopped when it is not wanted any more
     */
    Metrics evaluate(List<Batch> batches, Stop stop);

    /** Writes the weights as others read them: a PEFT adapter's directory, or a model's. */
    void save(Path dir) throws IOException;

    /** Writes {@link ResumeState#WEIGHTS} and {@link ResumeState#OPTIMIZER}, from which training goes on exactly. */
    void saveState(Path dir) throws IOException;

    /** Goes back to what {@link #saveState} has written. */
    void restoreState(Path dir) throws IOException;

    @Override
    void close();
}

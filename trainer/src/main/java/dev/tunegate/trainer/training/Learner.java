package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Weights in training together with their optimizer: what {@link TrainingLoop} drives. */
public interface Learner extends AutoCloseable {

    /** The most tokens that should go through the model at once. */
    int batchTokens();

    /**
     * One optimizer step.
     *
     * @param batches the step's micro-batches; each token weighs the same, in whichever it is
     */
    Metrics step(List<Batch> batches, double learningRate);

    /** Loss and accuracy without training. */
    Metrics evaluate(List<Batch> batches);

    /** Writes the weights as others read them: a PEFT adapter's directory, or a model's. */
    void save(Path dir) throws IOException;

    /** Writes {@link ResumeState#WEIGHTS} and {@link ResumeState#OPTIMIZER}, from which training goes on exactly. */
    void saveState(Path dir) throws IOException;

    /** Goes back to what {@link #saveState} has written. */
    void restoreState(Path dir) throws IOException;

    @Override
    void close();
}

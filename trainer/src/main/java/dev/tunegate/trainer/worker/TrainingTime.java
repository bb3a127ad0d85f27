package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.training.StepTimes;
import dev.tunegate.trainer.worker.Protocol.Task;
import dev.tunegate.trainer.worker.Protocol.Timings;
import java.io.IOException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the time of one attempt's training goes, from its first step to the end of its last upload, so that a slow job says
 * why. Before the training begins there is nothing to tell.
 */
final class TrainingTime {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingTime.class);

    private @Nullable Training training;

    /** What is measured since when. */
    private record Training(StepTimes times, IntSupplier step, int firstStep, long begin) {}

    /** Work that ends when something else has happened. */
    interface Wait<T> {
        T get() throws IOException, InterruptedException;
    }

    /** @param step the steps done so far, those of earlier attempts included */
    void begin(StepTimes times, IntSupplier step) {
        training = new Training(times, step, step.getAsInt(), System.nanoTime());
    }

    /** Counts a wait of the training for something outside of it. */
    <T> T waiting(Wait<T> wait) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        try {
            return wait.get();
        } finally {
            if (training != null) {
                training.times.waited(System.nanoTime() - begin);
            }
        }
    }

    /** What the gateway is told; null where no training has begun. */
    @Nullable
    Timings timings() {
        if (training == null) {
            return null;
        }
        StepTimes times = training.times;
        return new Timings(
                times.forwardSeconds(), times.backwardSeconds(), times.optimizerSeconds(), times.waitingSeconds());
    }

    /** Logs it at the training's end, however that came. */
    void log(Task task) {
        if (training != null) {
            int steps = training.step.getAsInt() - training.firstStep;
            double seconds = (System.nanoTime() - training.begin) / 1e9;
            LOG.info("{} attempt {}: {}", task.jobId(), task.attempt(), training.times.text(steps, seconds));
        }
    }
}

package dev.tunegate.trainer.training;

import dev.tunegate.trainer.dataset.Batch;
import dev.tunegate.trainer.stop.Stop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The smallest thing that learns: one logit per token, trained by gradient descent with momentum and dropout. It needs no
 * libtorch, and like a real model it goes on the same only when weights and momentum are the same.
 */
class UnigramLearner implements Learner {
    private final double[] logits;
    private final double[] momentum;
    private int steps;
    private int divergesAt;
    private int attemptsWithoutRoom;
    private @Nullable IntToDoubleFunction evaluation;
    private Runnable duringStep = () -> {};
    private Runnable duringEvaluation = () -> {};

    UnigramLearner(int vocabulary) {
        logits = new double[vocabulary];
        momentum = new double[vocabulary];
    }

    /** The next so many attempts to save find the disk full. */
    void fillDisk(int attempts) {
        attemptsWithoutRoom = attempts;
    }

    private void requireRoom(Path path) throws IOException {
        if (attemptsWithoutRoom > 0) {
            attemptsWithoutRoom--;
            throw new FileSystemException(path.toString(), null, "No space left on device");
        }
    }

    /** The loss of this step is not a number. */
    void divergeAt(int step) {
        divergesAt = step;
    }

    /** What evaluations come to behind each step, whatever was learned. */
    void evaluatesTo(IntToDoubleFunction meanLossBehindStep) {
        evaluation = meanLossBehindStep;
    }

    /** What happens in the middle of a step, and of an evaluation. */
    void during(Runnable step, Runnable evaluated) {
        duringStep = step;
        duringEvaluation = evaluated;
    }

    @Override
    public MemoryPlan plan() {
        return new MemoryPlan(16, false);
    }

    @Override
    public boolean fits(MemoryPlan other) {
        return true;
    }

    @Override
    public boolean recomputes() {
        return true;
    }

    @Override
    public Metrics step(List<Batch> batches, double learningRate, boolean recompute, Stop stop) {
        stop.check();
        duringStep.run();
        stop.check();
        double[] gradient = new double[logits.length];
        Metrics measured = measure(batches, gradient);
        Random dropout = new Random(Arrays.hashCode(momentum));
        double norm = 0;
        for (int i = 0; i < logits.length; i++) {
            norm += gradient[i] * gradient[i];
            momentum[i] = 0.9 * momentum[i] + gradient[i] / Math.max(1, measured.tokens());
            logits[i] -= dropout.nextInt(10) == 0 ? 0 : learningRate * momentum[i];
        }
        double loss = ++steps == divergesAt ? Double.NaN : measured.lossSum();
        return new Metrics(loss, measured.tokens(), measured.correct(), Math.sqrt(norm));
    }

    @Override
    public Metrics evaluate(List<Batch> batches, Stop stop) {
        stop.check();
        duringEvaluation.run();
        stop.check();
        Metrics measured = measure(batches, new double[logits.length]);
        return evaluation == null
                ? measured
                : new Metrics(
                        evaluation.applyAsDouble(steps) * measured.tokens(), measured.tokens(), measured.correct(), 0);
    }

    @Override
    public void save(Path dir) throws IOException {
        Files.createDirectories(dir);
        requireRoom(dir);
        write(logits, dir.resolve("logits"));
    }

    @Override
    public void saveState(Path dir) throws IOException {
        write(logits, dir.resolve(ResumeState.WEIGHTS));
        write(momentum, dir.resolve(ResumeState.OPTIMIZER));
    }

    @Override
    public void restoreState(Path dir) throws IOException {
        ByteBuffer.wrap(Files.readAllBytes(dir.resolve(ResumeState.WEIGHTS)))
                .asDoubleBuffer()
                .get(logits);
        ByteBuffer.wrap(Files.readAllBytes(dir.resolve(ResumeState.OPTIMIZER)))
                .asDoubleBuffer()
                .get(momentum);
    }

    @Override
    public void close() {}

    private Metrics measure(List<Batch> batches, double[] gradient) {
        double sum = 0;
        int likeliest = 0;
        for (int i = 0; i < logits.length; i++) {
            sum += Math.exp(logits[i]);
            likeliest = logits[i] > logits[likeliest] ? i : likeliest;
        }
        double loss = 0;
        long tokens = 0;
        long correct = 0;
        for (Batch batch : batches) {
            for (int label : batch.labels()) {
                if (label == Batch.IGNORED) {
                    continue;
                }
                loss += Math.log(sum) - logits[label];
                tokens++;
                correct += label == likeliest ? 1 : 0;
                for (int i = 0; i < logits.length; i++) {
                    gradient[i] += Math.exp(logits[i]) / sum - (i == label ? 1 : 0);
                }
            }
        }
        return new Metrics(loss, tokens, correct, 0);
    }

    private static void write(double[] values, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
        bytes.asDoubleBuffer().put(values);
        Files.write(file, bytes.array());
    }
}

package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Clips gradients by their global norm and applies AdamW to the parameters of one {@link FlatParameters}. */
public final class AdamW implements AutoCloseable {

    /** Fewer parameters than this are updated sooner by one thread than shared out. */
    private static final long WORTH_SHARING = 1L << 20;

    /**
     * What stays the same over a run.
     *
     * @param weightDecay applied to matrices only
     * @param maxGradNorm the norm gradients are clipped to; infinite for no clipping
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay, double maxGradNorm) {

        /** These are torch's defaults, without weight decay and with clipping at 1. */
        public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 0, 1);

        /** The same with another weight decay. */
        public Settings withWeightDecay(double decay) {
            return new Settings(beta1, beta2, epsilon, decay, maxGradNorm);
        }

        /** The same with another limit for the norm of the gradients. */
        public Settings withMaxGradNorm(double norm) {
            return new Settings(beta1, beta2, epsilon, weightDecay, norm);
        }
    }

    private final NDManager manager;
    private final Tensors tensors;
    private final OpPack ops;
    private final FlatParameters parameters;
    private final Settings settings;
    private final NDArray firstMoment;
    private final NDArray secondMoment;
    /** The number of steps where the parameters are, as the kernel wants it. */
    private final NDArray steps;

    private final NDArray maxNorm;
    private long taken;

    /** An optimizer whose moments are zero, in a manager of its own that {@link #close} closes. */
    public AdamW(NDManager manager, Tensors tensors, FlatParameters parameters, Settings settings) {
        this.manager = manager;
        this.tensors = tensors;
        this.parameters = parameters;
        this.settings = settings;
        OpPack loaded = OpPack.load(manager, AdamW.class, "optimizer.py", Map.of());
        ops = parameters.flat().size() < WORTH_SHARING ? loaded.withThreads(1) : loaded;
        long size = parameters.flat().size();
        firstMoment = tensors.zeros(manager, DType.F32, size);
        secondMoment = tensors.zeros(manager, DType.F32, size);
        steps = tensors.zeros(manager, DType.F32);
        steps.setName("step[]");
        maxNorm = manager.create((float) settings.maxGradNorm());
    }

    /** The number of steps taken. */
    public long steps() {
        return taken;
    }

    /**
     * One step with the gradients collected since the last one, which are then zero again.
     *
     * @return the global norm of the gradients before clipping, a scalar in {@code results}
     */
    public NDArray step(NDManager results, double learningRate) {
        try (NDArray gradient = parameters.gradient();
                NDManager scope = manager.newSubManager()) {
            NDArray norm = ops.call(results, "clip", gradient, maxNorm).get(0);
            taken++;
            steps.addi(1);
            long decayed = parameters.decayed();
            long all = parameters.flat().size();
            update(scope, gradient, 0, decayed, learningRate, settings.weightDecay());
            update(scope, gradient, decayed, all, learningRate, 0);
            ops.call(scope, "clear", gradient);
            return norm;
        }
    }

    private void update(NDManager scope, NDArray gradient, long from, long to, double learningRate, double decay) {
        if (from == to) {
            return;
        }
        NDList arguments = new NDList(
                part(scope, parameters.flat(), from, to, "p[]"),
                part(scope, gradient, from, to, "g[]"),
                part(scope, firstMoment, from, to, "m[]"),
                part(scope, secondMoment, from, to, "v[]"),
                steps,
                scope.create(
                        new double[] {learningRate, settings.beta1(), settings.beta2(), settings.epsilon(), decay}));
        ops.call(scope, "update", arguments);
    }

    private NDArray part(NDManager scope, NDArray flat, long from, long to, String name) {
        NDArray part = tensors.slice(scope, flat, from, to - from);
        part.setName(name);
        return part;
    }

    /** Writes the moments and the number of steps, for {@link #load} to go on exactly here. */
    public void save(Path file) throws IOException {
        FlatArrayFiles.save(file, moments(), Map.of("step", Long.toString(steps())), tensors);
    }

    /** Takes over the moments and the number of steps that {@link #save} wrote. */
    public void load(Path file) throws IOException {
        Map<String, String> metadata = FlatArrayFiles.load(file, moments(), tensors);
        String step = metadata.getOrDefault("step", "");
        if (!step.matches("[0-9]{1,15}")) {
            throw new InvalidCheckpoint(file + " has no step in its metadata: not the state of an optimizer");
        }
        steps.subi(taken).addi(Long.parseLong(step));
        taken = Long.parseLong(step);
    }

    private Map<String, NDArray> moments() {
        return Map.of("exp_avg", firstMoment, "exp_avg_sq", secondMoment);
    }

    @Override
    public void close() {
        ops.close();
        manager.close();
    }
}

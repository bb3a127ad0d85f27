package dev.tunegate.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.DType;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.Safetensors;
import dev.tunegate.trainer.checkpoint.SafetensorsWriter;
import dev.tunegate.trainer.checkpoint.TensorInfo;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.OpPack;
import dev.tunegate.trainer.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Clips gradients by their global norm and applies AdamW to the parameters of one {@link FlatParameters}. */
public final class AdamW implements AutoCloseable {

    /** Fewer parameters than this are updated sooner by one thread than shared out. */
    private static final long WORTH_SHARING = 1L << 20;

    /** Elements written or read at a time. */
    private static final long CHUNK = 1L << 24;

    /**
     * What stays the same over a run.
     *
     * @param weightDecay applied to matrices only
     * @param maxGradNorm the norm gradients are clipped to; infinite for no clipping
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay, double maxGradNorm) {

        /** torch's defaults, no weight decay, clipping at 1. */
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
        List<Long> shape = List.of(parameters.flat().size());
        var infos =
                List.of(new TensorInfo("exp_avg", DType.F32, shape), new TensorInfo("exp_avg_sq", DType.F32, shape));
        try (var writer = new SafetensorsWriter(file, infos, Map.of("step", Long.toString(steps())))) {
            write(writer, "exp_avg", firstMoment);
            write(writer, "exp_avg_sq", secondMoment);
            writer.finish();
        }
    }

    private void write(SafetensorsWriter writer, String name, NDArray moment) throws IOException {
        for (long from = 0; from < moment.size(); from += CHUNK) {
            try (NDManager scope = manager.newSubManager()) {
                long count = Math.min(CHUNK, moment.size() - from);
                writer.write(name, tensors.toBytes(tensors.slice(scope, moment, from, count), DType.F32));
            }
        }
    }

    /** Takes over the moments and the number of steps that {@link #save} wrote. */
    public void load(Path file) throws IOException {
        try (Safetensors saved = Safetensors.open(file)) {
            String step = saved.metadata().getOrDefault("step", "");
            if (!step.matches("[0-9]{1,15}")) {
                throw new InvalidCheckpoint(file + " has no step in its metadata: not the state of an optimizer");
            }
            read(saved, "exp_avg", firstMoment);
            read(saved, "exp_avg_sq", secondMoment);
            steps.subi(taken).addi(Long.parseLong(step));
            taken = Long.parseLong(step);
        }
    }

    private void read(Safetensors saved, String name, NDArray moment) throws IOException {
        TensorInfo info = saved.info(name);
        if (!info.shape().equals(List.of(moment.size())) || info.dtype() != DType.F32) {
            throw new InvalidCheckpoint("optimizer state " + name + " is " + info.dtype() + " " + info.shape()
                    + "; this run needs F32 [" + moment.size() + "]");
        }
        for (long from = 0; from < moment.size(); from += CHUNK) {
            try (NDManager scope = manager.newSubManager()) {
                long count = Math.min(CHUNK, moment.size() - from);
                ByteBuffer bytes = saved.readRows(name, from, count);
                tensors.copy(
                        tensors.slice(scope, moment, from, count),
                        tensors.fromBytes(scope, bytes, DType.F32, DType.F32, count));
            }
        }
    }

    @Override
    public void close() {
        ops.close();
        manager.close();
    }
}

package dev.tunegate.trainer.training;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.lora.Adapter;
import dev.tunegate.trainer.lora.LoraConfig;
import dev.tunegate.trainer.model.BlockSizes;
import dev.tunegate.trainer.model.ComputeType;
import dev.tunegate.trainer.model.LanguageModel;
import dev.tunegate.trainer.model.PassMemory;
import dev.tunegate.trainer.model.PassMemory.Differentiation;
import dev.tunegate.trainer.model.Tunable;
import dev.tunegate.trainer.model.WeightLayout;
import dev.tunegate.trainer.torch.FlatParameters;
import dev.tunegate.trainer.torch.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How much memory a training needs, counted before it begins.
 *
 * @param process bytes that are taken before there is a model
 * @param weights bytes of the base model
 * @param parameters bytes of the trained parameters, their gradients and AdamW's two moments
 * @param pass what a forward and a backward pass add
 * @param shape of the examples
 * @param recomputes whether layers can be computed once more
 * @param threads that a batch's parts may share, see {@link Lanes}
 */
public record MemoryEstimate(
        long process, long weights, long parameters, PassMemory pass, Examples shape, boolean recomputes, int threads) {

    /**
     * The virtual machine with its heap, libtorch's code, and scratch memory of its operators; 340 MB were measured without a
     * dataset, 450 with one, whose reading fills the heap's young generation.
     */
    static final long PROCESS = 500L << 20;

    /**
     * A GPU's memory also holds CUDA's context, cuBLAS's workspace, and what libtorch's allocator rounds up: 0.9 to 1.2 GB were
     * measured beyond what is counted.
     */
    static final long GPU_PROCESS = 1200L << 20;

    /** A trained parameter takes so many bytes: itself, its gradient and its two moments. */
    private static final long COPIES = 4L * Float.BYTES;

    /**
     * What of the examples matters.
     *
     * @param longest tokens of the longest sequence
     * @param longestKept of the longest among those whose attention weights are kept, see {@link PassMemory}; 0 without any
     * @param sequences how many an example has: two where it is a pair
     * @param batchSize examples of a step
     */
    public record Examples(int longest, int longestKept, int sequences, int batchSize) {
        /** Examples that are all of one length. */
        static Examples alike(int length, int sequences, int batchSize) {
            return new Examples(length, length <= BlockSizes.LONGEST_KEPT ? length : 0, sequences, batchSize);
        }

        static Examples of(TrainingData data, int batchSize) {
            int[] lengths = Stream.concat(data.training().stream(), data.validation().stream())
                    .flatMap(item -> item.sequences().stream())
                    .mapToInt(sequence -> sequence.tokens().length)
                    .toArray();
            return new Examples(
                    Arrays.stream(lengths).max().orElseThrow(),
                    Arrays.stream(lengths)
                            .filter(length -> length <= BlockSizes.LONGEST_KEPT)
                            .max()
                            .orElse(0),
                    data.training().get(0).sequences().size(),
                    batchSize);
        }

        /** These examples, cut to another context length. */
        Examples cutTo(int contextLength) {
            int cut = Math.min(longest, contextLength);
            // What was longer may now be among those that are kept.
            int kept = cut <= BlockSizes.LONGEST_KEPT ? cut : longestKept;
            return new Examples(cut, kept, sequences, batchSize);
        }

        /** The most tokens that go through at once. */
        long tokens(MemoryPlan plan) {
            return tokens(plan, longest);
        }

        /** The most tokens that go through at once in batches whose sequences are no longer than that. */
        long tokens(MemoryPlan plan, int length) {
            long one = (long) length * sequences;
            return Math.min(Math.max(plan.batchTokens(), one), one * batchSize);
        }
    }

    /**
     * Estimates a training whose weights, gradients and moments exist already.
     *
     * @param batchSize examples of a step
     */
    public static MemoryEstimate of(
            LanguageModel model, Tunable tunable, TrainingData data, int batchSize, double dropout) {
        List<FlatParameters.Parameter> parameters = tunable.parameters().parameters();
        long ranks = parameters.stream()
                .filter(parameter -> parameter.argument().endsWith(".lora_A"))
                .mapToLong(parameter -> parameter.shape().get(0))
                .sum();
        boolean recomputes = tunable.gradients() != null;
        long weights = model.layout().elements() * model.type().stored().bytes();
        return new MemoryEstimate(
                ofProcess(),
                tunable instanceof Adapter ? weights : 0,
                COPIES * tunable.parameters().flat().size(),
                new PassMemory(
                        model.config(), model.type(), ranks, dropout > 0, differentiation(model.config(), recomputes)),
                Examples.of(data, batchSize),
                recomputes,
                Lanes.threads());
    }

    /**
     * Estimates a training whose model need not be loaded yet.
     *
     * @param type what a frozen model computes in; all weights are trained in float32
     * @param lora the adapter's shape; null where all weights are trained
     * @param batchSize examples of a step
     */
    public static MemoryEstimate of(
            ModelConfig config, ComputeType type, @Nullable LoraConfig lora, TrainingData data, int batchSize) {
        WeightLayout layout = new WeightLayout(config);
        Examples examples = Examples.of(data, batchSize);
        if (lora == null) {
            PassMemory pass = new PassMemory(config, ComputeType.FP32, 0, false, Differentiation.AUTOGRAD);
            return new MemoryEstimate(ofProcess(), 0, COPIES * layout.elements(), pass, examples, false, 1);
        }
        List<WeightLayout.Linear> targets = layout.linears().stream()
                .filter(linear -> lora.targetModules().contains(linear.name()))
                .toList();
        long size = targets.stream()
                .mapToLong(linear -> (long) lora.rank() * (linear.in() + linear.out()))
                .sum();
        long ranks = (long) lora.rank() * targets.size();
        boolean recomputes = lora.modulesToSave().isEmpty();
        return new MemoryEstimate(
                ofProcess(),
                layout.elements() * type.stored().bytes(),
                COPIES * size,
                new PassMemory(config, type, ranks, lora.dropout() > 0, differentiation(config, recomputes)),
                examples,
                recomputes,
                Lanes.threads());
    }

    private static long ofProcess() {
        return Torch.device().isCuda() ? GPU_PROCESS : PROCESS;
    }

    private static Differentiation differentiation(ModelConfig config, boolean recomputes) {
        if (!recomputes) {
            return Differentiation.AUTOGRAD;
        }
        return LanguageModel.prefersAutograd(config) ? Differentiation.FUSED : Differentiation.OWN;
    }

    /** What is there from the first step to the last. */
    long fixed() {
        return process + weights + parameters;
    }

    /** What of it is there before the adapter is made. */
    public long present(boolean modelIsLoaded) {
        return process + (modelIsLoaded ? weights : 0);
    }

    /** How many bytes a training takes in all with this plan. */
    public long bytes(MemoryPlan plan) {
        long withLongest = passBytes(plan, shape.longest());
        return fixed() + Math.max(withLongest, passBytes(plan, shape.longestKept()));
    }

    private long passBytes(MemoryPlan plan, int longest) {
        long tokens = shape.tokens(plan, longest);
        boolean divided = pass.differentiation() == Differentiation.OWN && !pass.dropout();
        int lanes = divided ? Lanes.most(shape.batchSize(), tokens, threads) : 1;
        // Each lane but the first has gradients of its own.
        return pass.bytes(tokens, longest, plan.recompute(), lanes) + (lanes - 1) * parameters / COPIES * Float.BYTES;
    }

    /**
     * The fastest plan that fits: layers are kept as long as that leaves batches of a sensible size.
     *
     * @param wanted whether layers are to be computed once more; null to decide by memory
     * @param free bytes there are for all of it
     * @return null when nothing fits
     */
    public @Nullable MemoryPlan fitting(MemoryPlan generous, @Nullable Boolean wanted, long free) {
        boolean mayKeep = !Boolean.TRUE.equals(wanted) || !recomputes;
        boolean mayRecompute = !Boolean.FALSE.equals(wanted) && recomputes;
        if (mayKeep) {
            int fewest = mayRecompute ? MemoryPlan.SENSIBLE_TOKENS : MemoryPlan.FEWEST_TOKENS;
            MemoryPlan kept = largest(generous.withRecompute(false), fewest, free);
            if (kept != null) {
                return kept;
            }
        }
        return mayRecompute ? largest(generous.withRecompute(true), MemoryPlan.FEWEST_TOKENS, free) : null;
    }

    private @Nullable MemoryPlan largest(MemoryPlan from, int fewest, long free) {
        for (MemoryPlan plan = from; plan.batchTokens() >= fewest; plan = plan.halved()) {
            if (bytes(plan) <= free) {
                return plan;
            }
        }
        return null;
    }

    private MemoryEstimate cutTo(int contextLength) {
        return new MemoryEstimate(process, weights, parameters, pass, shape.cutTo(contextLength), recomputes, threads);
    }

    /**
     * {@link #fitting}, or an error that says what would fit.
     *
     * @param freeBytes how much memory this process may take beyond what is {@link #fixed}, which it has already
     * @throws TrainingFailure when nothing does
     */
    public MemoryPlan require(MemoryPlan generous, @Nullable Boolean wanted, long freeBytes) {
        return requireWithin(generous, wanted, freeBytes + fixed());
    }

    /**
     * The same, before anything is loaded.
     *
     * @param free bytes there are for all of it, with what of it is {@link #present} already
     */
    public MemoryPlan requireWithin(MemoryPlan generous, @Nullable Boolean wanted, long free) {
        MemoryPlan plan = fitting(generous, wanted, free);
        if (plan != null) {
            return plan;
        }
        MemoryPlan smallest = new MemoryPlan(MemoryPlan.FEWEST_TOKENS, recomputes && !Boolean.FALSE.equals(wanted));
        throw new TrainingFailure(
                "not_enough_memory",
                "The training needs about %s of memory (model %s, adapter and optimizer %s, a sequence of %,d tokens %s); there are %s for it. %s"
                        .formatted(
                                gigabytes(bytes(smallest)),
                                gigabytes(weights + process),
                                gigabytes(parameters),
                                shape.longest(),
                                gigabytes(bytes(smallest) - fixed()),
                                gigabytes(free),
                                advice(generous, wanted, free)));
    }

    private String advice(MemoryPlan generous, @Nullable Boolean wanted, long free) {
        if (Boolean.FALSE.equals(wanted) && fitting(generous, null, free) != null) {
            return "It would fit with gradient_checkpointing \"auto\".";
        }
        int longest = 0;
        for (int step = Integer.highestOneBit(shape.longest()); step > 0; step /= 2) {
            if (longest + step < shape.longest() && cutTo(longest + step).fitting(generous, wanted, free) != null) {
                longest += step;
            }
        }
        return longest >= Hyperparameters.SHORTEST_CONTEXT
                ? "It would fit with a context_length of at most %d.".formatted(longest)
                : "No context_length makes it fit: use a smaller model, or a worker with more memory.";
    }

    private static String gigabytes(long bytes) {
        return "%.1f GB".formatted(bytes / 1e9);
    }
}

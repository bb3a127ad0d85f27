package dev.tunegate.trainer.model;

import dev.tunegate.trainer.checkpoint.ModelConfig;
import dev.tunegate.trainer.checkpoint.Switches;

/**
 * How many bytes a forward and a backward pass take at most beside the weights, counted from what {@code backward.py} keeps, or
 * libtorch's autograd of {@code decoder.py}.
 *
 * @param ranks the ranks of all adapted linear layers, added up
 * @param dropout whether there are dropout masks
 * @param differentiation who differentiates
 */
public record PassMemory(
        ModelConfig config, ComputeType type, long ranks, boolean dropout, Differentiation differentiation) {

    /** Who differentiates, and whether attention makes matrices of its scores. */
    public enum Differentiation {
        /** {@link TrainingPass} differentiates. */
        OWN,
        /** Libtorch does with its fused attention, but {@link TrainingPass} where layers are computed once more. */
        FUSED,
        /** Libtorch always does; layers cannot be computed once more. */
        AUTOGRAD
    }

    /** Between arrays that are kept the allocator leaves gaps, a tenth to a third of them; measured. */
    private static final long GAPS = 4;

    /** How much more libtorch keeps of a layer: every operator's inputs; a guess, not measured. */
    private static final long AUTOGRAD = 3;

    /**
     * The bytes that a batch takes at most.
     *
     * @param tokens of all its sequences
     * @param longest of its longest sequence
     * @param recompute whether layers are computed once more
     * @param lanes the parts of the batch that go through side by side
     */
    public long bytes(long tokens, long longest, boolean recompute, int lanes) {
        long low = tokens * ranks * element();
        if (differentiation == Differentiation.FUSED && !recompute) {
            return config.layers() * keptByFusedLayer(tokens) + low + logits(tokens) + gradients(tokens);
        }
        long inputs = (config.layers() + 1) * tokens * config.hiddenSize() * element();
        long layer = keptByLayer(tokens, longest);
        if (differentiation == Differentiation.AUTOGRAD) {
            return inputs + AUTOGRAD * (config.layers() * layer + low) + logits(tokens);
        }
        long kept = recompute ? layer + low / config.layers() : config.layers() * layer + low;
        return inputs + kept + kept / GAPS + Math.max(head(tokens, lanes), layerBackward(tokens, longest));
    }

    private long element() {
        return type.stored().bytes();
    }

    private long queries() {
        return (long) config.heads() * config.headDim();
    }

    private long keys() {
        return (long) config.keyValueHeads() * config.headDim();
    }

    private boolean gated() {
        return config.switches().storage() != Switches.Storage.GPT2;
    }

    /** The entries of {@code s} that layer_forward returns, without what has an adapter's rank. */
    private long keptByLayer(long tokens, long longest) {
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        // h, middle, h2; q, mixed; k, v; up
        long width = 3 * hidden + 2 * queries() + 2 * keys() + (gated() ? 2 : 1) * inner;
        if (config.switches().queryKeyNorm()) {
            width += queries() + 2 * keys();
        }
        if (config.switches().outputNorms()) {
            width += 2 * hidden;
        }
        long masks = dropout ? 5 * hidden + queries() + inner : 0;
        return tokens * (width * element() + masks) + attentionWeights(tokens, longest) * element();
    }

    /**
     * What libtorch keeps of {@code layer}: each norm's input and output; queries, the keys and values of each query head, and
     * what attention gives; gate, what its activation gives, up, and their product, which the next projection reads.
     */
    private long keptByFusedLayer(long tokens) {
        long hidden = config.hiddenSize();
        long inner = config.intermediateSize();
        long width = 4 * hidden + 4 * queries() + (gated() ? 4 : 2) * inner;
        if (config.switches().queryKeyNorm()) {
            width += 2 * queries() + 2 * keys();
        }
        long dropped = dropout ? 5 * hidden + queries() + inner : 0;
        return tokens * (width * element() + dropped * (element() + 1));
    }

    /** Logits, their logarithms of probabilities, and the gradients of these are in float32. */
    private long logits(long tokens) {
        return 3 * tokens * config.vocabularySize() * Float.BYTES;
    }

    /** How many attention weights the blocks of queries have, each with the keys up to its last query. */
    private long attentionWeights(long tokens, long longest) {
        long kept = longest > BlockSizes.LONGEST_KEPT ? Math.max(0, tokens - longest) : tokens;
        long length = Math.min(longest, BlockSizes.LONGEST_KEPT);
        return config.heads() * kept * (length + Math.min(length, BlockSizes.QUERIES)) / 2;
    }

    /** What layer_backward has at once: of attention a block's matrices, of the feed-forward block its inner gradients. */
    private long layerBackward(long tokens, long longest) {
        long attention = tokens * (5 * queries() + 8 * keys())
                + 8L * config.heads() * tokens * Math.min(longest, BlockSizes.QUERIES);
        long feedForward = tokens * (gated() ? 6 : 4) * config.intermediateSize();
        return Math.max(attention, feedForward) * element() + normBackward(tokens) + gradients(tokens);
    }

    /**
     * Each lane has two pieces of logits, since the room of one is rarely that of the next, a strip of them in float32 with its
     * probabilities, and gradients.
     */
    private long head(long tokens, int lanes) {
        long vocabulary = config.vocabularySize();
        long logits = Math.min(tokens / lanes, Math.max(BlockSizes.SMALLEST_PIECE, BlockSizes.PIECE / vocabulary))
                * vocabulary;
        return lanes * (2 * logits * element() + 3L * BlockSizes.STRIP * Float.BYTES)
                + normBackward(tokens)
                + gradients(tokens);
    }

    /** A norm's input, its normalised form, and the gradients of both are in float32. */
    private long normBackward(long tokens) {
        return 4L * Float.BYTES * tokens * config.hiddenSize();
    }

    private long gradients(long tokens) {
        return 4 * tokens * config.hiddenSize() * element();
    }
}

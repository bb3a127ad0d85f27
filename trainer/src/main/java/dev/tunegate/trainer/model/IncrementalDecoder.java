package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tunegate.trainer.checkpoint.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Generation: predicts the token behind a sequence by reading only what the sequence's {@link KvCache} does not hold yet. */
final class IncrementalDecoder {

    /** Prompts are read in pieces of this many tokens, which bounds the attention scores in memory. */
    private static final int PROMPT_CHUNK = 512;

    private final NDManager manager;
    private final ModelConfig config;
    private final Decoder decoder;

    IncrementalDecoder(NDManager manager, ModelConfig config, Decoder decoder) {
        this.manager = manager;
        this.config = config;
        this.decoder = decoder;
    }

    KvCache newCache() {
        return new KvCache(manager.newSubManager(), decoder);
    }

    /** Reads the next tokens of one sequence; the logits behind them: {@code [vocabulary]}. */
    float[] next(KvCache cache, int[] tokens, Weights weights) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("no tokens to read");
        }
        boolean beyond = reread(cache, tokens.length, weights);
        return read(cache, tokens, weights, beyond);
    }

    /** Reads one more token of each sequence in one pass; the logits behind them: {@code [sequences][vocabulary]}. */
    float[][] next(List<KvCache> caches, int[] tokens, Weights weights) {
        if (caches.isEmpty() || caches.size() != tokens.length) {
            throw new IllegalArgumentException(caches.size() + " sequences and " + tokens.length + " tokens");
        }
        caches.forEach(cache -> reread(cache, 1, weights));
        caches.forEach(cache -> reserve(cache, 1, weights));
        long[] all = LongStream.range(0, tokens.length).toArray();
        try (NDManager scope = manager.newSubManager()) {
            NDArray hidden = decoder.step(scope, caches, tokens, weights);
            float[] logits = decoder.logits(scope, hidden, weights, all).toFloatArray();
            int vocabulary = logits.length / tokens.length;
            float[][] rows = new float[tokens.length][];
            Arrays.setAll(rows, i -> Arrays.copyOfRange(logits, i * vocabulary, (i + 1) * vocabulary));
            return rows;
        }
    }

    /**
     * Where a sequence grows beyond the context for which one set of rotary frequencies was made, its keys are computed anew
     * with the other.
     *
     * @return whether the sequence with {@code more} tokens is so long
     */
    private boolean reread(KvCache cache, int more, Weights weights) {
        boolean beyond = decoder.isBeyond(cache.length() + more);
        if (cache.length() > 0 && cache.beyond() != beyond) {
            int[] tokens = cache.tokens();
            cache.truncate(0);
            read(cache, tokens, weights, beyond);
        }
        cache.setBeyond(beyond);
        return beyond;
    }

    private float[] read(KvCache cache, int[] tokens, Weights weights, boolean beyond) {
        for (int from = 0; ; from += PROMPT_CHUNK) {
            int to = Math.min(tokens.length, from + PROMPT_CHUNK);
            int[] chunk = Arrays.copyOfRange(tokens, from, to);
            reserve(cache, chunk.length, weights);
            try (NDManager scope = manager.newSubManager()) {
                NDArray hidden = decoder.next(scope, cache, chunk, weights, beyond);
                if (to == tokens.length) {
                    return decoder.logits(scope, hidden, weights, new long[] {chunk.length - 1})
                            .toFloatArray();
                }
            }
        }
    }

    private void reserve(KvCache cache, int tokens, Weights weights) {
        cache.reserve(tokens, weights, config.keyValueHeads(), config.headDim());
    }
}

package dev.tunegate.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys and values of the tokens that one sequence has so far, {@code [key/value heads, capacity, head size]} for each
 * layer. Made by {@link LanguageModel#newCache}, filled by {@link LanguageModel#next}; for one thread at a time.
 */
public final class KvCache implements AutoCloseable {

    private static final int FIRST_CAPACITY = 256;

    private final NDManager manager;
    private final Decoder decoder;
    private final List<NDArray> keys = new ArrayList<>();
    private final List<NDArray> values = new ArrayList<>();
    private int capacity;
    private int length;
    private int[] tokens = new int[0];
    private boolean beyond;

    KvCache(NDManager manager, Decoder decoder) {
        this.manager = manager;
        this.decoder = decoder;
    }

    /** The number of tokens held. */
    public int length() {
        return length;
    }

    /** Forgets all but the first {@code length} tokens, so that another continuation of them can follow. */
    public void truncate(int length) {
        if (length < 0 || length > this.length) {
            throw new IllegalArgumentException("length " + length + " of " + this.length);
        }
        this.length = length;
    }

    NDArray keys(int layer) {
        return keys.get(layer);
    }

    NDArray values(int layer) {
        return values.get(layer);
    }

    /** The tokens held. */
    int[] tokens() {
        return Arrays.copyOf(tokens, length);
    }

    /** Whether the keys were rotated with the frequencies for sequences beyond the original context. */
    boolean beyond() {
        return beyond;
    }

    void setBeyond(boolean beyond) {
        this.beyond = beyond;
    }

    void advance(int... read) {
        System.arraycopy(read, 0, tokens, length, read.length);
        length += read.length;
    }

    /** Makes room for more tokens, at least doubling. */
    void reserve(int tokens, Weights weights, int heads, int headDim) {
        int needed = Math.addExact(length, tokens);
        if (needed <= capacity) {
            return;
        }
        int larger = Math.max(needed, Math.max(FIRST_CAPACITY, capacity * 2));
        int layers = weights.layers().size();
        for (int i = 0; i < layers; i++) {
            if (capacity == 0) {
                keys.add(named("keys[]", zeros(weights, new Shape(heads, larger, headDim))));
                values.add(named("values[]", zeros(weights, new Shape(heads, larger, headDim))));
            } else {
                keys.set(i, named("keys[]", grown(keys.get(i), larger)));
                values.set(i, named("values[]", grown(values.get(i), larger)));
            }
        }
        capacity = larger;
        this.tokens = Arrays.copyOf(this.tokens, larger);
    }

    private NDArray zeros(Weights weights, Shape shape) {
        return decoder.zeros(manager, weights, shape);
    }

    /** The caches of several sequences are one list to the operators. */
    private static NDArray named(String name, NDArray array) {
        array.setName(name);
        return array;
    }

    private NDArray grown(NDArray cache, int larger) {
        try (cache) {
            return decoder.grown(manager, cache, length, larger);
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}

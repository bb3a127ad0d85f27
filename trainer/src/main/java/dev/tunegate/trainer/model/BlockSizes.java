package dev.tunegate.trainer.model;

import java.util.Map;

/**
 * How much {@code backward.py} takes at once. Its operators have these numbers as attributes of their module, and {@link
 * PassMemory} counts with them.
 */
public final class BlockSizes {
    /** The attention weights of longer sequences are computed once more instead of kept. */
    public static final int LONGEST_KEPT = 1024;

    /** A block of attention has at most so many queries. */
    static final int QUERIES = 128;

    /** A piece of the positions has so many logits: 25 MB in bfloat16, so that the head's weights are read seldom. */
    static final int PIECE = 12_582_912;

    static final int SMALLEST_PIECE = 64;

    /** A strip of a piece has so many logits in float32: 6 MB, which a processor's last cache holds several times. */
    static final int STRIP = 1_572_864;

    static final int SMALLEST_STRIP = 8;

    private BlockSizes() {}

    /** The attributes by their names in {@code backward.py}. */
    static Map<String, Object> attributes() {
        return Map.of(
                "longest_kept", LONGEST_KEPT,
                "block_queries", QUERIES,
                "piece_logits", PIECE,
                "smallest_piece", SMALLEST_PIECE,
                "strip_logits", STRIP,
                "smallest_strip", SMALLEST_STRIP);
    }
}

package dev.tunegate.trainer.checkpoint;

/**
 * Rotary position embedding (Su et al. 2021, RoFormer, section 3.2.2).
 *
 * @param theta the base of the frequencies
 * @param partial the share of a head's dimensions that are rotated, from the first on
 */
public record Rope(double theta, double partial, RopeScaling scaling) {

    /** Rotates all dimensions, without scaling. */
    public Rope(double theta) {
        this(theta, 1, new RopeScaling.None());
    }

    /** How many dimensions of a head are rotated. */
    public int dimensions(int headDim) {
        return (int) (headDim * partial);
    }

    /**
     * The angle per position of each pair of dimensions: {@code [dimensions / 2]}.
     *
     * @param beyond whether the sequence is longer than the scaling's {@link RopeScaling#boundary}
     */
    public double[] frequencies(int headDim, boolean beyond) {
        int dimensions = dimensions(headDim);
        double[] frequencies = new double[dimensions / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(theta, -2.0 * i / dimensions);
        }
        return scaling.apply(frequencies, theta, beyond);
    }
}

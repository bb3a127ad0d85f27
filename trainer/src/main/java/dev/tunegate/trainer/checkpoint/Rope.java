package dev.tunegate.trainer.checkpoint;

import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding (Su et al. 2021, RoFormer, section 3.2.2).
 *
 * @param theta the base of the frequencies
 * @param llama3 how Llama 3.1 stretches low frequencies; null for none
 */
public record Rope(double theta, @Nullable Llama3 llama3) {

    /** Llama 3.1's scaling for long contexts. */
    public record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext) {}

    /** The angle per position of each pair of dimensions: {@code [headDim / 2]}. */
    public double[] frequencies(int headDim) {
        double[] frequencies = new double[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = Math.pow(theta, -2.0 * i / headDim);
            frequencies[i] = llama3 == null ? frequency : stretch(frequency, llama3);
        }
        return frequencies;
    }

    /** Long wave lengths are divided by the factor, short ones kept, and those between interpolated. */
    private static double stretch(double frequency, Llama3 scaling) {
        double waveLength = 2 * Math.PI / frequency;
        double low = scaling.originalContext() / scaling.lowFrequencyFactor();
        double high = scaling.originalContext() / scaling.highFrequencyFactor();
        if (waveLength < high) {
            return frequency;
        } else if (waveLength > low) {
            return frequency / scaling.factor();
        }
        double smooth = (scaling.originalContext() / waveLength - scaling.lowFrequencyFactor())
                / (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
        return (1 - smooth) * frequency / scaling.factor() + smooth * frequency;
    }
}

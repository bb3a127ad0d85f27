package dev.tunegate.trainer.checkpoint;

import java.util.List;

/**
 * How rotary frequencies change for contexts longer than those of the pretraining. All formulas are those that transformers
 * applies for the {@code rope_type} of the same name.
 */
public sealed interface RopeScaling {

    /**
     * The scaled frequencies.
     *
     * @param plain those of {@code theta}, the fastest first: {@code [dimensions / 2]}
     * @param beyond whether the sequence is longer than {@link #boundary}
     */
    double[] apply(double[] plain, double theta, boolean beyond);

    /** What the cosines and sines are multiplied with. */
    default double magnitude() {
        return 1;
    }

    /** The longest sequence for the first of two sets of frequencies; there is no second one if this is never exceeded. */
    default int boundary() {
        return Integer.MAX_VALUE;
    }

    /** Frequencies stay those of the pretraining. */
    record None() implements RopeScaling {
        @Override
        public double[] apply(double[] plain, double theta, boolean beyond) {
            return plain;
        }
    }

    /** Position interpolation (Chen et al. 2023): all positions are divided by the factor. */
    record Linear(double factor) implements RopeScaling {
        @Override
        public double[] apply(double[] plain, double theta, boolean beyond) {
            double[] scaled = new double[plain.length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = plain[i] / factor;
            }
            return scaled;
        }
    }

    /** Llama 3.1: long wave lengths are divided by the factor, short ones kept, and those between interpolated. */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext)
            implements RopeScaling {
        @Override
        public double[] apply(double[] plain, double theta, boolean beyond) {
            double[] scaled = new double[plain.length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = stretch(plain[i]);
            }
            return scaled;
        }

        private double stretch(double frequency) {
            double waveLength = 2 * Math.PI / frequency;
            if (waveLength < originalContext / highFrequencyFactor) {
                return frequency;
            } else if (waveLength > originalContext / lowFrequencyFactor) {
                return frequency / factor;
            }
            double smooth =
                    (originalContext / waveLength - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        }
    }

    /**
     * YaRN (Peng et al. 2023, section 3.2): dimensions that turn often in the original context are kept, those that turn
     * seldom are interpolated, with a ramp between.
     *
     * @param fastTurns turns in the original context from which on a dimension is kept
     * @param slowTurns turns up to which a dimension is interpolated
     * @param wholeDimensions whether the ramp begins and ends at whole dimensions
     */
    record Yarn(
            double factor,
            int originalContext,
            double fastTurns,
            double slowTurns,
            boolean wholeDimensions,
            @Override double magnitude)
            implements RopeScaling {
        @Override
        public double[] apply(double[] plain, double theta, boolean beyond) {
            int dimensions = 2 * plain.length;
            double low = dimensionOf(fastTurns, dimensions, theta);
            double high = dimensionOf(slowTurns, dimensions, theta);
            if (wholeDimensions) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            low = Math.max(low, 0);
            high = Math.min(high, dimensions - 1.0);
            // Where both coincide, transformers takes this width instead of dividing by zero.
            double width = high == low ? 0.001 : high - low;
            double[] scaled = new double[plain.length];
            for (int i = 0; i < scaled.length; i++) {
                double interpolated = Math.max(0, Math.min(1, (i - low) / width));
                scaled[i] = plain[i] / factor * interpolated + plain[i] * (1 - interpolated);
            }
            return scaled;
        }

        /** The dimension that makes so many turns in the original context. */
        private double dimensionOf(double turns, int dimensions, double theta) {
            return dimensions * Math.log(originalContext / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }
    }

    /**
     * LongRoPE (Ding et al. 2024): each frequency has its own divisor, one set for sequences up to the original context and
     * one for longer ones.
     */
    record LongRope(
            List<Double> shortFactors,
            List<Double> longFactors,
            @Override int boundary,
            @Override double magnitude) implements RopeScaling {
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
        }

        @Override
        public double[] apply(double[] plain, double theta, boolean beyond) {
            List<Double> factors = beyond ? longFactors : shortFactors;
            double[] scaled = new double[plain.length];
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = plain[i] / factors.get(i);
            }
            return scaled;
        }
    }
}

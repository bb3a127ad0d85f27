package dev.tunegate.trainer.training;

/** How the learning rate changes over a run, as in transformers: a linear warmup from zero, then one of these. */
public enum LearningRateSchedule {
    /** Falls in a straight line to zero at the end. */
    LINEAR {
        @Override
        double afterWarmup(double progress) {
            return 1 - progress;
        }
    },
    /** Falls to zero along half a cosine (Loshchilov and Hutter 2017, SGDR, without restarts). */
    COSINE {
        @Override
        double afterWarmup(double progress) {
            return 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    },
    CONSTANT {
        @Override
        double afterWarmup(double progress) {
            return 1;
        }
    };

    /** What the rate is multiplied with when {@code progress}, from 0 to 1, of the steps after the warmup is done. */
    abstract double afterWarmup(double progress);

    /** What the rate is multiplied with at a step, counted from 0. */
    public double multiplier(int step, int warmupSteps, int totalSteps) {
        if (step < warmupSteps) {
            return (double) step / warmupSteps;
        }
        double progress = (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
        return Math.max(0, afterWarmup(Math.min(1, progress)));
    }
}

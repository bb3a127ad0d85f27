package dev.tunegate.trainer.training;

/**
 * What a step or an evaluation measured.
 *
 * @param lossSum the sum of the labels' cross entropies (natural logarithm)
 * @param tokens the number of labels
 * @param correct how many labels were the token with the highest logit
 * @param gradNorm the global norm of the gradients before clipping; 0 for an evaluation
 */
public record Metrics(double lossSum, long tokens, long correct, double gradNorm) {

    /** The mean loss of a label; NaN without labels. */
    public double loss() {
        return lossSum / tokens;
    }

    /** The share of labels that were the likeliest token; NaN without labels. */
    public double accuracy() {
        return (double) correct / tokens;
    }
}

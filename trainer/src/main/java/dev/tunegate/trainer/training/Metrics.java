package dev.tunegate.trainer.training;

import org.jspecify.annotations.Nullable;

/**
 * What a step or an evaluation measured.
 *
 * @param lossSum the sum of the labels' cross entropies (natural logarithm), or of the pairs' losses
 * @param tokens the number of labels; of pairs, those of the chosen answers
 * @param correct how many of these labels were the token with the highest logit
 * @param gradNorm the global norm of the gradients before clipping; 0 for an evaluation
 * @param rewards what DPO measures of pairs; null otherwise
 */
public record Metrics(
        double lossSum,
        long tokens,
        long correct,
        double gradNorm,
        @Nullable Rewards rewards) {

    /** The metrics of a supervised training, which has no rewards. */
    public Metrics(double lossSum, long tokens, long correct, double gradNorm) {
        this(lossSum, tokens, correct, gradNorm, null);
    }

    /**
     * The implicit rewards of the pairs' answers (Rafailov et al. 2023, section 4).
     *
     * @param chosenSum the sum of the chosen answers' rewards
     * @param rejectedSum the sum of the rejected answers' rewards
     * @param ahead how many chosen answers have a higher reward than the rejected one
     * @param pairs how many pairs there are
     */
    public record Rewards(double chosenSum, double rejectedSum, long ahead, long pairs) {}

    /** The mean loss of a label or of a pair; NaN without any. */
    public double loss() {
        return lossSum / (rewards == null ? tokens : rewards.pairs());
    }

    /** The share of labels that were the likeliest token; NaN without labels. */
    public double accuracy() {
        return (double) correct / tokens;
    }

    /** The metrics of both together; their gradients' norm is unknown. */
    Metrics plus(Metrics more) {
        return new Metrics(
                lossSum + more.lossSum, tokens + more.tokens, correct + more.correct, 0, sum(rewards, more.rewards));
    }

    Metrics withGradNorm(double norm) {
        return new Metrics(lossSum, tokens, correct, norm, rewards);
    }

    private static @Nullable Rewards sum(@Nullable Rewards some, @Nullable Rewards more) {
        if (some == null || more == null) {
            return some == null ? more : some;
        }
        return new Rewards(
                some.chosenSum + more.chosenSum,
                some.rejectedSum + more.rejectedSum,
                some.ahead + more.ahead,
                some.pairs + more.pairs);
    }
}

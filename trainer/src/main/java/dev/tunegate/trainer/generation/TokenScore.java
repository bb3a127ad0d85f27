package dev.tunegate.trainer.generation;

import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * A drawn token's log probability under the model (before temperature, bias and penalties), with the likeliest
 * alternatives, best first.
 */
public record TokenScore(int token, double logProbability, List<Alternative> alternatives) {

    /** A token that could have been drawn instead, or the drawn one itself. */
    public record Alternative(int token, double logProbability) {}

    /** The score of {@code token} under {@code logits} {@code [vocabulary]}. */
    static TokenScore of(float[] logits, int token, int alternatives) {
        double highest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            highest = Math.max(highest, logit);
        }
        double total = 0;
        for (float logit : logits) {
            total += Math.exp(logit - highest);
        }
        double logTotal = highest + Math.log(total);
        List<Alternative> best = likeliest(logits, alternatives).stream()
                .map(id -> new Alternative(id, logits[id] - logTotal))
                .toList();
        return new TokenScore(token, logits[token] - logTotal, best);
    }

    private static List<Integer> likeliest(float[] logits, int wanted) {
        PriorityQueue<Integer> kept = new PriorityQueue<>((a, b) -> Float.compare(logits[a], logits[b]));
        IntStream.range(0, wanted == 0 ? 0 : logits.length).forEach(id -> {
            if (kept.size() < wanted || logits[id] > logits[kept.element()]) {
                kept.add(id);
            }
            if (kept.size() > wanted) {
                kept.remove();
            }
        });
        return kept.stream()
                .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                .toList();
    }
}

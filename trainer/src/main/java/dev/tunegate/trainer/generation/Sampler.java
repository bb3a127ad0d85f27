package dev.tunegate.trainer.generation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Draws the next token from a model's logits. Penalties are OpenAI's: the logit of token j becomes
 * {@code logit[j] - count[j] * frequency - (count[j] > 0 ? presence : 0)}, counting the tokens of the answer so far.
 * Nucleus (top-p) sampling follows Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration", section 3.1.
 */
final class Sampler {
    private final SamplingOptions options;
    private final SplittableRandom random;
    private final Map<Integer, Integer> counts = new HashMap<>();

    Sampler(SamplingOptions options) {
        this.options = options;
        this.random = new SplittableRandom(options.seed());
    }

    /**
     * The next token, which from now on counts as part of the answer.
     *
     * @param logits {@code [vocabulary]}; left as they are
     */
    int next(float[] logits) {
        float[] adjusted = adjust(logits);
        int token = options.temperature() == 0 ? likeliest(adjusted) : draw(adjusted);
        counts.merge(token, 1, Integer::sum);
        return token;
    }

    private float[] adjust(float[] logits) {
        boolean penalized = options.presencePenalty() != 0 || options.frequencyPenalty() != 0;
        if (!penalized && options.logitBias().isEmpty()) {
            return logits;
        }
        float[] adjusted = logits.clone();
        options.logitBias().forEach((token, bias) -> {
            if (token >= 0 && token < adjusted.length) {
                adjusted[token] += bias.floatValue();
            }
        });
        if (penalized) {
            counts.forEach((token, count) ->
                    adjusted[token] -= (float) (count * options.frequencyPenalty() + options.presencePenalty()));
        }
        return adjusted;
    }

    private static int likeliest(float[] logits) {
        int best = -1;
        float bestLogit = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] > bestLogit) {
                bestLogit = logits[i];
                best = i;
            }
        }
        if (best < 0) {
            throw new NotANumber();
        }
        return best;
    }

    private int draw(float[] logits) {
        double highest = logits[likeliest(logits)];
        double[] weights = new double[logits.length];
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            weights[i] = Math.exp((logits[i] - highest) / options.temperature());
            total += weights[i];
        }
        if (!Double.isFinite(total)) {
            throw new NotANumber();
        }
        return options.topP() < 1 ? drawFromNucleus(weights, total) : drawFromAll(weights, total);
    }

    private int drawFromAll(double[] weights, double total) {
        double left = random.nextDouble() * total;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                last = i;
                left -= weights[i];
                if (left < 0) {
                    return i;
                }
            }
        }
        return last; // rounding left a crumb
    }

    private int drawFromNucleus(double[] weights, double total) {
        // A token belongs to the nucleus only while it and all less likely ones hold more than 1 - topP, so its own
        // weight is above this floor. Sorting the few above it is far cheaper than sorting the vocabulary.
        double floor = (1 - options.topP()) * total / Math.max(1, weights.length - 1);
        Integer[] candidates = IntStream.range(0, weights.length)
                .filter(i -> weights[i] >= floor)
                .boxed()
                .toArray(Integer[]::new);
        Arrays.sort(
                candidates,
                Comparator.comparingDouble((Integer i) -> weights[i]).reversed());
        double nucleus = 0;
        int size = 0;
        while (size < candidates.length && (size == 0 || nucleus < options.topP() * total)) {
            nucleus += weights[candidates[size++]];
        }
        double left = random.nextDouble() * nucleus;
        for (int i = 0; i < size; i++) {
            left -= weights[candidates[i]];
            if (left < 0) {
                return candidates[i];
            }
        }
        return candidates[size - 1];
    }
}

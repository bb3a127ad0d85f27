package dev.tunegate.trainer.generation;

import java.util.List;
import java.util.Map;

/**
 * How one answer is drawn, in the terms of OpenAI's chat API.
 *
 * @param temperature 0 takes the likeliest token; 1 samples the model's own distribution
 * @param topP samples among the likeliest tokens that together reach this probability
 * @param presencePenalty taken off the logit of every token the answer already holds
 * @param frequencyPenalty taken off once per time the answer already holds the token
 * @param logitBias added to the logits of single tokens, by token id
 * @param seed the same seed over the same prompt draws the same answer
 * @param maxTokens the answer's longest length, in tokens
 * @param stop strings that end the answer and are not part of it
 * @param scores whether, and with how many alternatives, each token's log probability is reported
 */
public record SamplingOptions(
        double temperature,
        double topP,
        double presencePenalty,
        double frequencyPenalty,
        Map<Integer, Double> logitBias,
        long seed,
        int maxTokens,
        List<String> stop,
        Scores scores) {

    /** The likeliest token every time, up to {@code maxTokens}. */
    public static SamplingOptions greedy(int maxTokens) {
        return new SamplingOptions(0, 1, 0, 0, Map.of(), 0, maxTokens, List.of(), Scores.NONE);
    }

    public SamplingOptions withSeed(long newSeed) {
        return new SamplingOptions(
                temperature, topP, presencePenalty, frequencyPenalty, logitBias, newSeed, maxTokens, stop, scores);
    }

    /** Whether log probabilities are wanted, and of how many likeliest tokens beside the drawn one. */
    public record Scores(boolean wanted, int alternatives) {
        public static final Scores NONE = new Scores(false, 0);
    }
}

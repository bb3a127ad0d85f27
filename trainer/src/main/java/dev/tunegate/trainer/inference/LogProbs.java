package dev.tunegate.trainer.inference;

import dev.tunegate.trainer.generation.TokenScore;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Log probabilities in OpenAI's shape. */
record LogProbs(List<Token> content, @Nullable List<Token> refusal) {

    record Token(String token, double logprob, List<Integer> bytes, List<Alternative> topLogprobs) {}

    record Alternative(String token, double logprob, List<Integer> bytes) {}

    /** @param tokenText a single token's text */
    static LogProbs of(List<TokenScore> scores, IntFunction<String> tokenText) {
        return new LogProbs(
                scores.stream().map(score -> token(score, tokenText)).toList(), null);
    }

    private static Token token(TokenScore score, IntFunction<String> tokenText) {
        String text = tokenText.apply(score.token());
        List<Alternative> alternatives = score.alternatives().stream()
                .map(other -> {
                    String otherText = tokenText.apply(other.token());
                    return new Alternative(otherText, other.logProbability(), bytes(otherText));
                })
                .toList();
        return new Token(text, score.logProbability(), bytes(text), alternatives);
    }

    private static List<Integer> bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return java.util.stream.IntStream.range(0, utf8.length)
                .mapToObj(i -> utf8[i] & 0xff)
                .toList();
    }
}

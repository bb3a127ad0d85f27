package dev.tunegate.trainer.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tunegate.trainer.generation.SamplingOptions.Scores;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
    /** Probabilities 0.1, 0.2, 0.3, 0.4 at temperature 1. */
    private static final float[] LOGITS = logits(0.1, 0.2, 0.3, 0.4);

    private static final int DRAWS = 40_000;

    @Test
    void temperatureZeroTakesTheLikeliest() {
        assertThat(new Sampler(options(0, 1, 7)).next(LOGITS)).isEqualTo(3);
    }

    @Test
    void theSameSeedDrawsTheSameTokens() {
        assertThat(draws(options(1, 1, 7), 100)).isEqualTo(draws(options(1, 1, 7), 100));
    }

    @Test
    void anotherSeedDrawsOtherTokens() {
        assertThat(draws(options(1, 1, 7), 100)).isNotEqualTo(draws(options(1, 1, 8), 100));
    }

    @Test
    void temperatureOneDrawsTheModelsDistribution() {
        assertThat(frequencies(options(1, 1, 7))).containsExactly(new double[] {0.1, 0.2, 0.3, 0.4}, within(0.01));
    }

    @Test
    void halfTheTemperatureSquaresTheProbabilities() {
        double total = 0.01 + 0.04 + 0.09 + 0.16;
        assertThat(frequencies(options(0.5, 1, 7)))
                .containsExactly(new double[] {0.01 / total, 0.04 / total, 0.09 / total, 0.16 / total}, within(0.01));
    }

    @Test
    void topPKeepsTheFewestTokensThatReachIt() {
        assertThat(frequencies(options(1, 0.5, 7)))
                .containsExactly(new double[] {0, 0, 0.3 / 0.7, 0.4 / 0.7}, within(0.01));
    }

    @Test
    void topPOfZeroTakesTheLikeliest() {
        assertThat(draws(options(1, 0, 7), 50)).containsOnly(3);
    }

    @Test
    void topPAgreesWithSortingTheWholeVocabulary() {
        float[] wide = new float[1000];
        IntStream.range(0, wide.length).forEach(i -> wide[i] = (float) Math.sin(i * 0.37) * 4);
        List<Integer> sorted = IntStream.range(0, wide.length)
                .boxed()
                .sorted((a, b) -> Float.compare(wide[b], wide[a]))
                .toList();
        double total = sorted.stream().mapToDouble(i -> Math.exp(wide[i])).sum();
        double mass = 0;
        int size = 0;
        while (mass < 0.3 * total) {
            mass += Math.exp(wide[sorted.get(size++)]);
        }
        Sampler sampler = new Sampler(options(1, 0.3, 1));
        int[] drawn = IntStream.range(0, 20_000).map(i -> sampler.next(wide)).toArray();
        assertThat(Arrays.stream(drawn).distinct().boxed())
                .containsExactlyInAnyOrderElementsOf(sorted.subList(0, size));
    }

    @Test
    void frequencyPenaltyGrowsWithEveryUse() {
        SamplingOptions options = new SamplingOptions(0, 1, 0, 1, Map.of(), 0, 10, List.of(), Scores.NONE);
        Sampler sampler = new Sampler(options);
        // 5.0, 3.5, 0: the first token is ahead by 1.5, so after two uses it falls behind.
        float[] logits = {5, 3.5f, 0};
        assertThat(IntStream.range(0, 5).map(i -> sampler.next(logits))).containsExactly(0, 0, 1, 0, 1);
    }

    @Test
    void presencePenaltyCountsOnce() {
        SamplingOptions options = new SamplingOptions(0, 1, 2, 0, Map.of(), 0, 10, List.of(), Scores.NONE);
        Sampler sampler = new Sampler(options);
        float[] logits = {5, 4, 0};
        assertThat(IntStream.range(0, 4).map(i -> sampler.next(logits))).containsExactly(0, 1, 0, 0);
    }

    @Test
    void logitBiasForbidsOrForcesATokenAndLeavesTheLogitsAlone() {
        float[] before = LOGITS.clone();
        Map<Integer, Double> bias = Map.of(3, -100.0, 0, 100.0, 99, 5.0);
        SamplingOptions options = new SamplingOptions(1, 1, 0, 0, bias, 3, 10, List.of(), Scores.NONE);
        assertThat(draws(options, 50)).containsOnly(0);
        assertThat(LOGITS).containsExactly(before);
    }

    @Test
    void brokenLogitsAreRefused() {
        float[] broken = {Float.NaN, Float.NaN};
        float[] half = {1, Float.NaN};
        assertThatThrownBy(() -> new Sampler(options(0, 1, 1)).next(broken)).isInstanceOf(NotANumber.class);
        assertThatThrownBy(() -> new Sampler(options(1, 1, 1)).next(half)).isInstanceOf(NotANumber.class);
    }

    @Test
    void scoresAreLogProbabilitiesWithTheBestAlternativesFirst() {
        TokenScore score = TokenScore.of(LOGITS, 1, 2);
        assertThat(Math.exp(score.logProbability())).isCloseTo(0.2, within(1e-6));
        assertThat(score.alternatives())
                .extracting(TokenScore.Alternative::token)
                .containsExactly(3, 2);
        assertThat(Math.exp(score.alternatives().get(0).logProbability())).isCloseTo(0.4, within(1e-6));
    }

    private static SamplingOptions options(double temperature, double topP, long seed) {
        return new SamplingOptions(temperature, topP, 0, 0, Map.of(), seed, 10, List.of(), Scores.NONE);
    }

    private static int[] draws(SamplingOptions options, int count) {
        Sampler sampler = new Sampler(options);
        return IntStream.range(0, count).map(i -> sampler.next(LOGITS)).toArray();
    }

    private static double[] frequencies(SamplingOptions options) {
        double[] shares = new double[LOGITS.length];
        for (int token : draws(options, DRAWS)) {
            shares[token] += 1.0 / DRAWS;
        }
        return shares;
    }

    private static float[] logits(double... probabilities) {
        float[] logits = new float[probabilities.length];
        IntStream.range(0, logits.length).forEach(i -> logits[i] = (float) (Math.log(probabilities[i]) + 3));
        return logits;
    }
}

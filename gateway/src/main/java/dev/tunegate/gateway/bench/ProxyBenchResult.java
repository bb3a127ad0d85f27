package dev.tunegate.gateway.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What the gateway adds to a request that it forwards.
 *
 * @param whole until the last byte of answers that are no streams
 * @param firstByte until the first byte of streamed answers
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ProxyBenchResult(
        int requestsPerSecond, int seconds, int processors, Comparison whole, Comparison firstByte) {

    /**
     * The same load with and without the gateway, in alternation.
     *
     * @param addedP50Ms the median over the rounds of what the gateway's percentile is above the direct one
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Comparison(double addedP50Ms, double addedP99Ms, List<Round> rounds) {
        static Comparison of(List<Round> rounds) {
            return new Comparison(added(rounds, Latencies::p50Ms), added(rounds, Latencies::p99Ms), rounds);
        }

        private static double added(List<Round> rounds, ToDoubleFunction<Latencies> percentile) {
            double[] added = rounds.stream()
                    .mapToDouble(round ->
                            percentile.applyAsDouble(round.through()) - percentile.applyAsDouble(round.direct()))
                    .sorted()
                    .toArray();
            return (added[(added.length - 1) / 2] + added[added.length / 2]) / 2;
        }

        private int failed() {
            return rounds.stream()
                    .mapToInt(round -> round.direct().failed() + round.through().failed())
                    .sum();
        }

        private String text() {
            return "p50 %.2f ms, p99 %.2f ms (direct %s, through %s; %d failed)"
                    .formatted(
                            addedP50Ms,
                            addedP99Ms,
                            medians(rounds, Round::direct),
                            medians(rounds, Round::through),
                            failed());
        }

        private static String medians(List<Round> rounds, Function<Round, Latencies> side) {
            return Arrays.toString(rounds.stream()
                    .map(side)
                    .map(latencies -> "%.2f/%.2f".formatted(latencies.p50Ms(), latencies.p99Ms()))
                    .toArray());
        }
    }

    /** The two were measured one after the other. */
    public record Round(Latencies direct, Latencies through) {}

    /** The result as a text for people. */
    public String text() {
        return """
                Added by the gateway at %d requests/s on %d processors, keys and Postgres on; rounds of %d s as p50/p99 in ms:
                whole answers: %s
                first byte of streams: %s""".formatted(requestsPerSecond, processors, seconds, whole.text(), firstByte.text());
    }
}

package dev.tunegate.gateway.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Arrays;

/**
 * How long answers took, from the moment at which the request was due.
 *
 * @param p50Ms half of them took no longer
 * @param failed requests without a good answer, which are in no percentile
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Latencies(double p50Ms, double p90Ms, double p99Ms, double maxMs, int answers, int failed) {

    /** @param nanos of each answer, in any order */
    static Latencies of(long[] nanos, int failed) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Latencies(
                percentile(sorted, 0.50),
                percentile(sorted, 0.90),
                percentile(sorted, 0.99),
                percentile(sorted, 1),
                sorted.length,
                failed);
    }

    /** The percentile by the nearest rank: the smallest latency that so large a share does not exceed. */
    private static double percentile(long[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(rank, 1) - 1] / 1e6;
    }
}

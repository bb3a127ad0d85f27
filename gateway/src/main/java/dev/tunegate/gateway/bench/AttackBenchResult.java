package dev.tunegate.gateway.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;

/**
 * How a gateway did under attack.
 *
 * @param attacks how often each was answered with which status; "none" where it was not
 * @param health how long /health/live took meanwhile
 * @param heapMb the most that its heap may have
 * @param usedBeforeMb what was in use before
 * @param usedAtMostMb the most that was in use behind a collection, while it went on
 * @param usedAfterMb what was in use when it was over
 */
@JsonNaming(SnakeCaseStrategy.class)
public record AttackBenchResult(
        int seconds,
        int processors,
        Map<String, Map<String, Integer>> attacks,
        Latencies health,
        long heapMb,
        long usedBeforeMb,
        long usedAtMostMb,
        long usedAfterMb) {

    /** The result as a text for people. */
    public String text() {
        return """
                Attacked for %d s on %d processors, the attackers on the same. Their answers by status:
                %s
                /health/live meanwhile: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, at most %.1f ms; %d answers, %d failed
                heap of %d MB: %d MB in use before, at most %d MB behind a collection, %d MB after""".formatted(
                        seconds,
                        processors,
                        attacks,
                        health.p50Ms(),
                        health.p90Ms(),
                        health.p99Ms(),
                        health.maxMs(),
                        health.answers(),
                        health.failed(),
                        heapMb,
                        usedBeforeMb,
                        usedAtMostMb,
                        usedAfterMb);
    }
}

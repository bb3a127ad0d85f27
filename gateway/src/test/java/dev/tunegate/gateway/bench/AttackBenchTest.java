package dev.tunegate.gateway.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tunegate.gateway.cli.Main;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The attacks of {@code bench attacks}, for some seconds and with the heap that the launcher gives a gateway. */
class AttackBenchTest {
    private static final int SECONDS = 6;

    /** What each attack may be answered with: refusals of its own kind, or that there is no memory for it now. */
    private static final Map<String, Set<String>> REFUSALS = Map.of(
            "empty objects", Set.of("400", "503"),
            "stalled bodies", Set.of("408", "503"),
            "empty parts", Set.of("400"));

    @Test
    void aGatewayUnderAttackStaysWell(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("log");
        Process bench = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-Xmn24m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-Dlogback.configurationFile=logback.xml",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "bench",
                        "attacks",
                        "--seconds",
                        Integer.toString(SECONDS),
                        "--json")
                .redirectError(log.toFile())
                .start();
        String out = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bench.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(bench.exitValue()).as("%s%n%s", out, Files.readString(log)).isZero();

        JsonNode result = new ObjectMapper().readTree(out);
        JsonNode health = result.path("health");
        assertThat(health.path("failed").intValue()).as(out).isZero();
        assertThat(health.path("answers").intValue()).as(out).isEqualTo(20 * SECONDS);
        // On a machine that does nothing else it is below 250 ms; here others may be testing, too.
        assertThat(health.path("p99_ms").doubleValue()).as(out).isLessThan(1500);
        REFUSALS.forEach((attack, refusals) -> {
            JsonNode answers = result.path("attacks").path(attack);
            assertThat(answers.size()).as("%s in %s", attack, out).isPositive();
            assertThat(answers.fieldNames()).toIterable().as(out).isSubsetOf(refusals);
        });
        assertThat(result.path("used_at_most_mb").intValue()).as(out).isBetween(1, 400);
        assertThat(Files.readString(log)).doesNotContain("ERROR", "OutOfMemory");
    }
}

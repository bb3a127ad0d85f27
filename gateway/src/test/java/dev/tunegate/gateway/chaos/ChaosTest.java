package dev.tunegate.gateway.chaos;

import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Nothing that was acknowledged is lost, and nothing hangs for good, whatever breaks meanwhile. {@code mvn verify -Pchaos}
 * runs all seeds, with {@code -Dchaos.seed=N} that one.
 */
@Tag("chaos")
@Tag("long")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ChaosTest {
    private static final int SEEDS = 10;

    static LongStream seeds() {
        Long one = Long.getLong("chaos.seed");
        return one == null ? LongStream.rangeClosed(1, SEEDS) : LongStream.of(one);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everythingPromisedIsKept(long seed) throws Exception {
        ChaosRun.of(seed, Scale.FULL);
    }
}

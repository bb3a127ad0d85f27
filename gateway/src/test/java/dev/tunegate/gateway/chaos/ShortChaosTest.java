package dev.tunegate.gateway.chaos;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A minute of what {@link ChaosTest} does for a quarter of an hour: each kind of fault once. */
@Tag("chaos")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ShortChaosTest {
    private static final long SEED = 14;

    @Test
    void everythingPromisedIsKept() throws Exception {
        ChaosRun.of(SEED, Scale.SHORT);
    }
}

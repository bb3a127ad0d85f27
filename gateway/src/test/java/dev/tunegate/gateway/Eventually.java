package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for what another process or thread does in its own time, as long as needed and no longer. */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Eventually() {}

    public static <T> void is(Supplier<T> actual, T expected) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        T last = actual.get();
        while (!last.equals(expected) && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            last = actual.get();
        }
        assertThat(last).isEqualTo(expected);
    }
}

package dev.tunegate.gateway;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Waits for what another process or thread does in its own time, as long as needed and no longer. It looks often at first
 * and then less often, so that what it waits for has the processor, and it fails with what it saw last.
 */
public final class Eventually {
    /** How long a busy machine may take over what an idle one does at once. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(5);
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(50);

    private Eventually() {}

    public static <T> void is(Supplier<T> actual, T expected) {
        until(PATIENCE, "it is " + expected, actual, expected::equals);
    }

    /** What was seen when it was as it should be. */
    public static <T> T until(Duration deadline, String what, Supplier<T> look, Predicate<? super T> isThere) {
        long start = System.nanoTime();
        Duration pause = SHORTEST_PAUSE;
        T seen = look.get();
        while (!isThere.test(seen)) {
            if (System.nanoTime() - start > deadline.toNanos()) {
                throw new AssertionError("Not within " + deadline + ": " + what + ". Last seen: " + seen);
            }
            LockSupport.parkNanos(pause.toNanos());
            pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            seen = look.get();
        }
        return seen;
    }
}

package dev.tunegate.gateway.e2e;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for what another process does: looks often, and fails with what it saw last. */
final class Eventually {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private Eventually() {}

    static <T> T eventually(Duration deadline, String what, Supplier<T> look, Predicate<? super T> isThere) {
        Instant giveUp = Instant.now().plus(deadline);
        while (true) {
            T seen = look.get();
            if (isThere.test(seen)) {
                return seen;
            }
            if (Instant.now().isAfter(giveUp)) {
                throw new AssertionError("Not within " + deadline + ": " + what + ". Last seen: " + seen);
            }
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
        }
    }
}

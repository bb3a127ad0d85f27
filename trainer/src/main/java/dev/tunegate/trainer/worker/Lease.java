package dev.tunegate.trainer.worker;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long the gateway leaves a task to its worker after each report, and so how fast the worker has to report. */
record Lease(Duration length) {

    /** What one report may take of the lease, so that one that fails leaves time for two more. */
    private static final int SHARE = 3;

    static Lease ofSeconds(int seconds) {
        return new Lease(Duration.ofSeconds(Math.max(1, seconds)));
    }

    /** The lease after an answer; one that grants no time, as with cancel and pause, leaves its length as it was. */
    Lease renewed(@Nullable Integer seconds) {
        return seconds == null || seconds <= 0 ? this : ofSeconds(seconds);
    }

    /** The time that a report, or the wait for the next one, may take out of what is wanted. */
    Duration atMost(Duration wanted) {
        Duration share = length.dividedBy(SHARE);
        return wanted.compareTo(share) < 0 ? wanted : share;
    }
}

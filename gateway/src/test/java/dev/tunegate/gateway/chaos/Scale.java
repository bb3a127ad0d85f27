package dev.tunegate.gateway.chaos;

import java.time.Duration;

/**
 * How much of everything there is in a run.
 *
 * @param faults at least one of each kind
 * @param between the longest time from the begin of one fault to that of the next
 * @param longest what no fault exceeds
 */
record Scale(Topology topology, int faults, Duration between, Duration longest, int orders) {
    /** For the normal build: some ten seconds of faults. */
    static final Scale SHORT = new Scale(new Topology(2, 2), 8, Duration.ofSeconds(2), Duration.ofSeconds(3), 3);

    static final Scale FULL = new Scale(new Topology(2, 3), 24, Duration.ofSeconds(3), Duration.ofSeconds(14), 8);
}

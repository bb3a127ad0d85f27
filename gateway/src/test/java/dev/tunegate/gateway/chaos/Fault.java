package dev.tunegate.gateway.chaos;

import java.time.Duration;
import java.util.List;

/**
 * One thing that goes wrong.
 *
 * @param at from the beginning of the run
 * @param length until it is well again
 */
record Fault(Duration at, Duration length, Kind kind, String target) {
    /** What goes wrong, and for how many seconds at least and at most. */
    enum Kind {
        /** A process ends without a word ({@code kill -9}) and is started again. */
        KILL(0, 4),
        /** A process stands still (SIGSTOP) and goes on as if nothing had been: longer, at times, than its lease. */
        FREEZE(1, 14),
        /** Connections break and new ones are refused. */
        CUT(1, 6),
        /** Connections stay, and what is sent over them is lost; they never come back to life. */
        HALF_OPEN(2, 12),
        /** Everything arrives, late. */
        SLOW(3, 10),
        /** Not a byte more fits on the disk with the blobs. */
        FILL(2, 6),
        /** Postgres is stopped in good order and started again, as for an update. */
        RESTART(0, 3),
        /** Postgres is ended by {@code kill -9} and recovers when it is started again. */
        CRASH(0, 3);

        private final int shortest;
        private final int longest;

        Kind(int shortest, int longest) {
            this.shortest = shortest;
            this.longest = longest;
        }

        int shortestMillis() {
            return shortest * 1000;
        }

        int longestMillis() {
            return longest * 1000;
        }

        List<String> targets(Topology topology) {
            return switch (this) {
                case KILL, FREEZE -> topology.processes();
                case CUT, HALF_OPEN, SLOW -> topology.links();
                case FILL -> List.of(Topology.DISK);
                case RESTART, CRASH -> List.of(Topology.DATABASE);
            };
        }
    }

    Duration end() {
        return at.plus(length);
    }

    @Override
    public String toString() {
        return "%5.1f s  %s %s for %.1f s".formatted(at.toMillis() / 1e3, kind, target, length.toMillis() / 1e3);
    }
}

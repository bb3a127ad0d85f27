package dev.tunegate.gateway.db;

import java.time.Duration;

/**
 * How long Postgres, and the way to it, may take before they are given up. A connection on which nothing is heard for
 * {@code silence} is closed, whatever waits for it. No connection is used that could be closed under a statement which is
 * still allowed to run: one that was idle for {@code idle} is let go first.
 *
 * @param start for a database that does not answer yet when it is opened
 * @param connect for a TCP connection to stand, and for a connection of the pool to be free
 * @param statement Postgres itself ends a statement that runs longer, and a transaction in which nothing is said for as long
 * @param answer for whole queries and transactions, all waiting included
 * @param idle how long a connection of the pool is kept that nobody uses
 * @param silence after so long without a byte from Postgres a connection is dead: what is sent on it goes nowhere
 */
record Patience(
        Duration start, Duration connect, Duration statement, Duration answer, Duration idle, Duration silence) {
    /** How often the pool looks for idle connections. */
    static final Duration IDLE_CHECK = Duration.ofSeconds(1);

    static final Patience DEFAULT = new Patience(
            Duration.ofSeconds(5),
            Duration.ofSeconds(4),
            Duration.ofSeconds(8),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15));

    Patience {
        if (idle.plus(IDLE_CHECK).plus(statement).compareTo(silence) >= 0) {
            throw new IllegalArgumentException("a statement that is allowed could end as silence");
        }
    }

    Patience withStatement(Duration longest) {
        return new Patience(start, connect, longest, answer, idle, silence);
    }
}

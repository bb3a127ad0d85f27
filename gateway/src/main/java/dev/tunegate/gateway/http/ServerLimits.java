package dev.tunegate.gateway.http;

import java.time.Duration;

/**
 * How much a client may cost the server before and while it is answered.
 *
 * @param head how long a client may take to send a request's line and headers
 * @param silence how long a client that is to send more of a body may send nothing
 * @param body how long a body that is held in memory may take in all
 * @param drain how long what nobody has read may take behind the answer
 * @param memory the bytes of bodies, and of what was parsed from them, that are held at once
 * @param connections how many may be open at once
 * @param strangers how many connections from one address may be open that no admitted request has come over
 */
record ServerLimits(
        Duration head, Duration silence, Duration body, Duration drain, long memory, int connections, int strangers) {
    /** One body of the largest size has room in three quarters of it, which is one project's share. */
    private static final long LEAST_MEMORY = 48L * 1024 * 1024;

    /** A byte of a body costs up to four while it is parsed, changed and sent on; half of the heap is for all else. */
    private static final int HEAP_TO_MEMORY = 8;

    /** The limits of a process with so large a heap, in bytes. */
    static ServerLimits of(long heap) {
        return new ServerLimits(
                Duration.ofSeconds(15),
                Duration.ofSeconds(15),
                Duration.ofMinutes(2),
                Duration.ofSeconds(1),
                Math.max(heap / HEAP_TO_MEMORY, LEAST_MEMORY),
                2048,
                256);
    }
}

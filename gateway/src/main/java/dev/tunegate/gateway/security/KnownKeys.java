package dev.tunegate.gateway.security;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The keys that the database has confirmed within the last second: the next requests of a busy client do without a round
 * trip. A revoked key opens for a second more at most.
 */
final class KnownKeys {
    static final Duration TRUSTED = Duration.ofSeconds(1);
    private static final int MOST = 1_000;

    private final Map<String, Known> known = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    private record Known(ApiKey key, long since) {}

    /** @param nanoTime as {@link System#nanoTime} */
    KnownKeys(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    Optional<ApiKey> find(String sha256) {
        Known found = known.get(sha256);
        return found == null || nanoTime.getAsLong() - found.since() >= TRUSTED.toNanos()
                ? Optional.empty()
                : Optional.of(found.key());
    }

    void add(String sha256, ApiKey key) {
        if (known.size() >= MOST) {
            known.clear();
        }
        known.put(sha256, new Known(key, nanoTime.getAsLong()));
    }
}

package dev.tunegate.gateway.http;

import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes of requests may be held in memory at once: by the whole process, so that no crowd of requests can fill
 * the heap, and by one owner, so that one project alone cannot turn all others away.
 */
final class MemoryBudget {
    private final long whole;
    private final long share;
    private final Map<String, Long> takenBy = new HashMap<>();
    private long taken;

    /** @param whole in bytes; one owner may hold three quarters of it */
    MemoryBudget(long whole) {
        this.whole = whole;
        this.share = whole / 4 * 3;
    }

    /** Begins a request that holds nothing yet. */
    Lease lease(String owner) {
        return new Lease(owner);
    }

    /** The bytes that are held now. */
    synchronized long taken() {
        return taken;
    }

    private synchronized boolean isFree(String owner, long bytes) {
        return taken + bytes <= whole && takenBy.getOrDefault(owner, 0L) + bytes <= share;
    }

    private synchronized boolean take(String owner, long bytes) {
        boolean isFree = isFree(owner, bytes);
        if (isFree) {
            taken += bytes;
            takenBy.merge(owner, bytes, Long::sum);
        }
        return isFree;
    }

    private synchronized void giveBack(String owner, long bytes) {
        taken -= bytes;
        takenBy.computeIfPresent(owner, (name, held) -> held == bytes ? null : held - bytes);
    }

    /** What one request holds, from its first byte to the end of its answer. It may be used by one thread after another. */
    final class Lease implements AutoCloseable {
        private final String owner;
        private long held;

        private Lease(String owner) {
            this.owner = owner;
        }

        /** Fails at once where so many bytes could not be held now, and takes none. */
        void require(long bytes) {
            if (!isFree(owner, bytes)) {
                throw none();
            }
        }

        /** Takes some more; fails with a 503 where there are no more. */
        synchronized void take(long bytes) {
            if (!MemoryBudget.this.take(owner, bytes)) {
                throw none();
            }
            held += bytes;
        }

        /** Gives everything back. */
        @Override
        public synchronized void close() {
            giveBack(owner, held);
            held = 0;
        }

        private ApiError none() {
            return ApiError.unavailable(
                    "The gateway holds as many bytes of requests as its memory allows. Please try again in a moment.",
                    "server_busy");
        }
    }
}

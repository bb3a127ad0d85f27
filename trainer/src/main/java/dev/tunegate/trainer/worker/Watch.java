package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.stop.Stop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for an exchange with the gateway: as long as something moves, and no longer than it is wanted. A transfer of
 * gigabytes over a slow line may take hours, one over a line that has gone dead must not.
 */
final class Watch {
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final Stop stop;
    private volatile long deadline;

    /** @param patience for the first sign of movement, or for the whole of an exchange that tells of none */
    Watch(Duration patience, Stop stop) {
        this.stop = stop;
        moved(patience);
    }

    /** Something has moved; the next may take so long. */
    void moved(Duration patience) {
        deadline = System.nanoTime() + patience.toNanos();
    }

    /**
     * What the exchange comes to.
     *
     * @throws TimeoutException when nothing moves any more
     * @throws dev.tunegate.trainer.stop.Stopped when nobody waits for it any more
     */
    <T> T await(CompletableFuture<T> exchange) throws TimeoutException, ExecutionException, InterruptedException {
        while (true) {
            stop.check();
            try {
                return exchange.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
        }
    }
}

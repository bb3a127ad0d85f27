package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.worker.GatewayException.Unavailable;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats a call until the gateway answers it, however long that takes, or until nobody waits for it any more. */
final class Retry {
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final Duration first;
    private final Duration longest;

    Retry(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    <T, E extends IOException> T untilAvailable(Call<T, E> call, Stop stop) throws E, InterruptedException {
        Backoff backoff = new Backoff(first, longest);
        while (true) {
            try {
                return call.run();
            } catch (Unavailable e) {
                Duration wait = backoff.next();
                LOG.warn("{} (next try in {} s)", e.getMessage(), wait.toSeconds());
                pause(wait, stop);
            }
        }
    }

    Duration longest() {
        return longest;
    }

    private static void pause(Duration wait, Stop stop) throws InterruptedException {
        long until = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0; left = until - System.nanoTime()) {
            stop.check();
            Thread.sleep(Math.min(LOOK_EVERY.toMillis(), left / 1_000_000 + 1));
        }
    }

    Backoff backoff() {
        return new Backoff(first, longest);
    }

    /** A call to the gateway, and what it fails with where another try does not help. */
    interface Call<T, E extends IOException> {
        T run() throws Unavailable, E, InterruptedException;
    }
}

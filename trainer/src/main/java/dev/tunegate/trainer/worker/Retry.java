package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.worker.GatewayException.Unavailable;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats a call until the gateway answers it, however long that takes; interrupting the thread ends it. */
final class Retry {
    private static final Logger LOG = LoggerFactory.getLogger(Retry.class);

    private final Duration first;
    private final Duration longest;

    Retry(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
    }

    <T> T untilAvailable(Call<T> call) throws GatewayException, InterruptedException {
        Backoff backoff = new Backoff(first, longest);
        while (true) {
            try {
                return call.run();
            } catch (Unavailable e) {
                Duration wait = backoff.next();
                LOG.warn("{} (next try in {} s)", e.getMessage(), wait.toSeconds());
                Thread.sleep(wait.toMillis());
            }
        }
    }

    Duration longest() {
        return longest;
    }

    Backoff backoff() {
        return new Backoff(first, longest);
    }

    /** A call to the gateway. */
    interface Call<T> {
        T run() throws GatewayException, InterruptedException;
    }
}

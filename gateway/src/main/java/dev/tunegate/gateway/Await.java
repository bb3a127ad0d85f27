package dev.tunegate.gateway;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a step of the gateway's start or end, which run on threads of their own. */
final class Await {
    private static final Duration STEP_TIMEOUT = Duration.ofMinutes(2);

    private Await() {}

    /** Blocks until the future has its result, and throws what it failed with. */
    static <T> T result(Future<T> future) {
        try {
            return future.await(STEP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("no answer within " + STEP_TIMEOUT.toSeconds() + " s", e);
        }
    }
}

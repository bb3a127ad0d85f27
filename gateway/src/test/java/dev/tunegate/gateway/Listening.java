package dev.tunegate.gateway;

import static dev.tunegate.gateway.db.Await.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.BindException;
import java.util.function.Supplier;

/** How a stub listens again on the port that it had. */
public final class Listening {
    private static final int MOST_ATTEMPTS = 2_000;
    private static final int MILLIS_BETWEEN = 5;

    private Listening() {}

    /**
     * What listens, as soon as the port is free. Vert.x says that a server is closed when its channel is, but the JDK
     * gives the port up only at the next turn of the selector that the channel was registered with.
     */
    public static <T> T listening(Vertx vertx, Supplier<Future<T>> listen) {
        return await(attempt(vertx, listen, MOST_ATTEMPTS));
    }

    private static <T> Future<T> attempt(Vertx vertx, Supplier<Future<T>> listen, int attemptsLeft) {
        return listen.get()
                .recover(failure -> failure instanceof BindException && attemptsLeft > 1
                        ? vertx.timer(MILLIS_BETWEEN).compose(passed -> attempt(vertx, listen, attemptsLeft - 1))
                        : Future.failedFuture(failure));
    }
}

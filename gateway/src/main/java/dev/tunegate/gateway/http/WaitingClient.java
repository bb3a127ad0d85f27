package dev.tunegate.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServerRequest;

/**
 * Whether there is still somebody who waits for the answer. A request whose connection closed while nobody was reading it
 * never tells of that: whoever begins to read it would wait for its end for ever.
 */
public final class WaitingClient {
    private WaitingClient() {}

    /** Fails when the client of a request has gone. To be asked on the event loop, right before the request is read. */
    public static Future<Void> require(HttpServerRequest request) {
        return request.response().closed()
                ? Future.failedFuture(new HttpClosedException("The client has gone"))
                : Future.succeededFuture();
    }
}

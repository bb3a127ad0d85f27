package dev.tunegate.gateway.inference;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** Hears an answer on its way to the client, whoever gives it. What it hears costs the answer no time but at its very end. */
public interface ChatTap {
    /** Nobody listens. */
    ChatTap NONE = new ChatTap() {
        @Override
        public void events(Buffer lines) {}

        @Override
        public void whole(Buffer json) {}

        @Override
        public Future<Void> kept() {
            return Future.succeededFuture();
        }
    };

    /** Hears the next lines of a stream of server-sent events, each with its line break. */
    void events(Buffer lines);

    /** Hears a whole completion that is no stream. */
    void whole(Buffer json);

    /**
     * Is asked once, when all has been heard, and succeeds when the answer is kept. The answer's end
     * ({@code data: [DONE]}, or all of a whole one) goes out then. An {@code ApiError} that it fails with is what the
     * client gets instead.
     */
    Future<Void> kept();
}

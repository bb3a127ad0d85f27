package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.streams.Pipe;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The way back to a client, the same for all who answer: whole, or event by event as fast as the client reads. */
public final class ChatAnswer {
    private final Vertx vertx;
    private final HttpServerResponse response;
    private final ChatTap tap;

    public ChatAnswer(Vertx vertx, HttpServerResponse response, ChatTap tap) {
        this.vertx = vertx;
        this.response = response;
        this.tap = tap;
    }

    /** Tells whether the client has left. */
    boolean isGone() {
        return response.closed();
    }

    /** Says what to do when the client leaves. */
    void onGone(Runnable action) {
        response.closeHandler(gone -> action.run());
    }

    /** Tells whether the client has got a status already: what goes wrong from then on is told in an event. */
    boolean hasBegun() {
        return response.headWritten();
    }

    Future<Void> whole(ChatReply reply, Map<String, String> headers) {
        if (!reply.isCompletion()) {
            return send(reply, headers);
        }
        tap.whole(reply.body());
        return tap.kept().compose(kept -> send(reply, headers));
    }

    private Future<Void> send(ChatReply reply, Map<String, String> headers) {
        if (response.closed()) {
            return Future.succeededFuture();
        }
        response.setStatusCode(reply.status()).putHeader("content-type", "application/json");
        headers.forEach(response::putHeader);
        return response.end(reply.body());
    }

    /**
     * Passes events on.
     *
     * @param breakOff ends the work of whoever sends them, when the client leaves
     */
    Future<Void> events(ReadStream<Buffer> events, Map<String, String> headers, Runnable breakOff) {
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-cache")
                .putHeader("x-accel-buffering", "no");
        headers.forEach(response::putHeader);
        Pipe<Buffer> pipe = events.pipe().endOnFailure(false);
        onGone(() -> {
            pipe.close(); // otherwise it would go on writing what has already come in
            breakOff.run();
        });
        WriteStream<Buffer> client = tap == ChatTap.NONE ? response : new TappedEvents(response, tap);
        return pipe.to(client).onFailure(failure -> {
            if (!hasBegun()) { // an error takes the stream's place, or another stream does
                response.setChunked(false);
                response.headers().remove("cache-control").remove("x-accel-buffering");
                headers.keySet().forEach(response.headers()::remove);
            }
        });
    }

    /**
     * Ends a stream with an error. Its status has gone out as 200, but SDKs raise an error for an event that carries
     * one.
     */
    Future<Void> endWithError(ApiError error) {
        Buffer event = Buffer.buffer("data: ")
                .appendBuffer(Json.bytes(Map.of("error", error.body())))
                .appendString("\n\n");
        // The event goes out a moment later, because a client that has left fails a write in the middle of the pipe's
        // work, before it counts as gone.
        return vertx.timer(1, TimeUnit.MILLISECONDS)
                .compose(later -> response.closed() ? Future.succeededFuture() : response.end(event));
    }
}

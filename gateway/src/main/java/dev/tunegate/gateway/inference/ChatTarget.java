package dev.tunegate.gateway.inference;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.upstream.WholeAnswer;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.time.Duration;
import java.util.Map;

/** A place that can answer a chat request: how it is asked, and what of its answer the client gets. */
public sealed interface ChatTarget permits WorkerTarget, EngineTarget, UpstreamTarget {
    /** The URL of its chat/completions. */
    String url();

    /** The headers by which it knows us. A client's own never go along. */
    Map<String, String> headers();

    /** The time that its answer may take, to the last byte. */
    Duration timeout();

    /** The time for which it may be silent, before its answer and within; with zero for as long as its timeout lets it. */
    default Duration silence() {
        return Duration.ZERO;
    }

    /** The number of times that it is tried again when it takes no connection. */
    int retries();

    /** The bytes that it is sent for a request. */
    Future<Buffer> body(ChatRequest request);

    /** Turns its stream of events into the one that the client gets; throws an error when what it sent is one. */
    ReadStream<Buffer> events(ChatRequest request, ReadStream<Buffer> sent);

    /** Turns its whole answer into the one that the client gets; fails with an error when what it answered is one. */
    Future<ChatReply> reply(ChatRequest request, WholeAnswer answer);

    /** The headers of its answer that the client gets, too. */
    Map<String, String> passedOn(MultiMap headers);

    /** The client's error when it takes no connections. */
    ApiError unreachable(Throwable failure);

    /** The client's error when it breaks its answer off. */
    ApiError broken();

    /** The client's error when it has not answered in time, or has been silent for too long. */
    ApiError late();

    /** The client's error when an answer that is no stream is longer than {@code limit} bytes. */
    ApiError tooLong(int limit);
}

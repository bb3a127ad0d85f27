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
    /** Of its chat/completions. */
    String url();

    /** By which it knows us. A client's own never go along. */
    Map<String, String> headers();

    /** How long its answer may take, to the last byte. */
    Duration timeout();

    /** How long it may be silent in between; zero for as long as its timeout lets it. */
    default Duration silence() {
        return Duration.ZERO;
    }

    /** How often it is tried again when it takes no connection. */
    int retries();

    /** What it is sent. */
    Future<Buffer> body(ChatRequest request);

    /** Its stream of events as the client gets it; throws the error that it is instead. */
    ReadStream<Buffer> events(ChatRequest request, ReadStream<Buffer> sent);

    /** Its whole answer as the client gets it; fails with the error that it is instead. */
    Future<ChatReply> reply(ChatRequest request, WholeAnswer answer);

    /** Those of its answer's headers that the client gets. */
    Map<String, String> passedOn(MultiMap headers);

    /** It takes no connections. */
    ApiError unreachable(Throwable failure);

    /** It broke its answer off. */
    ApiError broken();

    /** It has not answered in time. */
    ApiError late();

    /** Its answer that is no stream is longer than {@code limit} bytes. */
    ApiError tooLong(int limit);
}

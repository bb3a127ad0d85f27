package dev.tunegate.gateway.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/** Asks one server for chat completions, over connections that it keeps. */
final class ChatClient {
    private static final int CONNECTIONS = 256;
    private static final int KEEP_ALIVE_SECONDS = 3_600;

    private final HttpClient http;
    private final String url;
    private final String key;
    private final Buffer whole;
    private final Buffer streamed;

    /**
     * A client of one server.
     *
     * @param url with the /v1
     * @param isStored whether it asks for its answers to be kept
     */
    ChatClient(Vertx vertx, String url, String key, boolean isStored) {
        // As many connections stay open as the first, slow requests need: closing them all at once would be measured,
        // too.
        this.http = vertx.createHttpClient(
                new HttpClientOptions().setKeepAliveTimeout(KEEP_ALIVE_SECONDS),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS));
        this.url = url + "/chat/completions";
        this.key = key;
        String store = isStored ? ",\"store\":true" : "";
        this.whole = body(store);
        this.streamed = body(store + ",\"stream\":true");
    }

    private static Buffer body(String more) {
        String question = "What does the manual say about the third kind of wheel? ".repeat(20);
        return Buffer.buffer("{\"model\":\"gpt-bench\",\"messages\":[{\"role\":\"user\",\"content\":\"" + question
                + "\"}]" + more + "}");
    }

    /** Asks for a whole answer. The result is the time at which its last byte was there. */
    Future<Long> whole() {
        return ask(whole).compose(answer -> answer.body().map(read -> System.nanoTime()));
    }

    /**
     * Asks for a stream of events. The result is the time at which its first byte was there; it comes when the last one
     * has.
     */
    Future<Long> firstByte() {
        return ask(streamed).compose(answer -> {
            Promise<Long> done = Promise.promise();
            long[] first = new long[1];
            Buffer events = Buffer.buffer();
            answer.handler(chunk -> {
                first[0] = first[0] == 0 ? System.nanoTime() : first[0];
                events.appendBuffer(chunk);
            });
            answer.exceptionHandler(done::tryFail);
            answer.endHandler(end -> {
                if (events.toString().endsWith(InstantUpstream.DONE)) {
                    done.tryComplete(first[0]);
                } else {
                    done.tryFail("a stream that ends with an error");
                }
            });
            return done.future();
        });
    }

    private Future<HttpClientResponse> ask(Buffer body) {
        return http.request(new RequestOptions().setMethod(HttpMethod.POST).setAbsoluteURI(url))
                .compose(request -> request.putHeader("content-type", "application/json")
                        .putHeader("authorization", "Bearer " + key)
                        .send(body))
                .compose(answer -> answer.statusCode() == 200
                        ? Future.succeededFuture(answer)
                        : Future.failedFuture("status " + answer.statusCode()));
    }
}

package dev.tunegate.gateway.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** A host with OpenAI's chat that knows its answer beforehand: what is left is the way there and back. */
final class InstantUpstream {
    private static final int EVENTS = 20;
    private static final String WORDS = "Seven hundred words are too many for one question. ".repeat(12);
    private static final Buffer WHOLE = Buffer.buffer("{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\","
            + "\"created\":1,\"model\":\"gpt-bench\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
            + "\"content\":\"" + WORDS + "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":120,\"total_tokens\":140}}");
    private static final Buffer EVENT =
            Buffer.buffer("data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\","
                    + "\"created\":1,\"model\":\"gpt-bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},"
                    + "\"logprobs\":null,\"finish_reason\":null}]}\n\n");
    private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

    private InstantUpstream() {}

    static Future<HttpServer> listen(Vertx vertx) {
        return vertx.createHttpServer().requestHandler(InstantUpstream::answer).listen(0, "127.0.0.1");
    }

    private static void answer(HttpServerRequest request) {
        request.body().onSuccess(body -> {
            if (body.toString().contains("\"stream\":true")) {
                stream(request.response());
            } else {
                request.response().putHeader("content-type", "application/json").end(WHOLE);
            }
        });
    }

    private static void stream(HttpServerResponse response) {
        response.setChunked(true).putHeader("content-type", "text/event-stream");
        for (int i = 0; i < EVENTS; i++) {
            response.write(EVENT);
        }
        response.end(DONE);
    }
}

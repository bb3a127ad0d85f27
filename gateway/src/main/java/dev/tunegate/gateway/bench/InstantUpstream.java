package dev.tunegate.gateway.bench;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** A host with OpenAI's chat that knows its answer beforehand: what is left is the way there and back. */
final class InstantUpstream {
    /** How a stream ends. */
    static final String DONE = "data: [DONE]\n\n";

    private static final int EVENTS = 20;
    private static final String WORDS = "Seven hundred words are too many for one question. ".repeat(12);

    /** The rest of a completion, which follows the value of its {@code id}. */
    private static final String WHOLE = "\",\"object\":\"chat.completion\","
            + "\"created\":1,\"model\":\"gpt-bench\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
            + "\"content\":\"" + WORDS + "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":120,\"total_tokens\":140}}";

    private static final String WORD = chunk("{\"content\":\"word \"}", "null");
    private static final String LAST = chunk("{}", "\"stop\"");

    private long answers;

    private InstantUpstream() {}

    static Future<HttpServer> listen(Vertx vertx) {
        return vertx.createHttpServer()
                .requestHandler(new InstantUpstream()::answer)
                .listen(0, "127.0.0.1");
    }

    private static String chunk(String delta, String finish) {
        return "\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-bench\",\"choices\":[{\"index\":0,"
                + "\"delta\":" + delta + ",\"logprobs\":null,\"finish_reason\":" + finish + "}]}\n\n";
    }

    private void answer(HttpServerRequest request) {
        String begin = "{\"id\":\"chatcmpl-" + ++answers;
        request.body().onSuccess(body -> {
            if (body.toString().contains("\"stream\":true")) {
                stream(request.response(), "data: " + begin);
            } else {
                request.response().putHeader("content-type", "application/json").end(begin + WHOLE);
            }
        });
    }

    private static void stream(HttpServerResponse response, String begin) {
        response.setChunked(true).putHeader("content-type", "text/event-stream");
        for (int i = 1; i < EVENTS; i++) {
            response.write(begin + WORD);
        }
        response.write(begin + LAST);
        response.end(DONE);
    }
}

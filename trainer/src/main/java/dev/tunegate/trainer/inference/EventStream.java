package dev.tunegate.trainer.inference;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Server-sent events as OpenAI's stream has them. The status goes out with the first event. */
final class EventStream {
    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUFFIX = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpExchange exchange;
    private @Nullable OutputStream out;

    EventStream(HttpExchange exchange) {
        this.exchange = exchange;
    }

    boolean begun() {
        return out != null;
    }

    /** @throws IOException when the client is gone */
    void send(Object event) throws IOException {
        OutputStream stream = opened();
        stream.write(PREFIX);
        stream.write(Json.bytes(event));
        stream.write(SUFFIX);
    }

    void flush() throws IOException {
        opened().flush();
    }

    void end() throws IOException {
        try (OutputStream stream = opened()) {
            stream.write(DONE);
        }
    }

    private OutputStream opened() throws IOException {
        if (out == null) {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-cache");
            exchange.sendResponseHeaders(200, 0); // 0: of unknown length, chunked
            out = new BufferedOutputStream(exchange.getResponseBody());
        }
        return out;
    }
}

package dev.tunegate.trainer.inference;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/** The two ends of an exchange: a body of bounded size in, JSON out. */
final class Http {
    /** Far more than any context holds. */
    private static final int MOST_BYTES = 32 << 20;

    private Http() {}

    static byte[] body(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
        if (body.length > MOST_BYTES) {
            throw RequestError.bodyTooLarge(MOST_BYTES);
        }
        return body;
    }

    static void send(HttpExchange exchange, int status, Object json) throws IOException {
        byte[] body = Json.bytes(json);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}

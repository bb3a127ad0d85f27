package dev.tunegate.trainer.inference;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A JSON body that takes its time. While it does, a blank goes out now and then, which JSON may begin with: a failing
 * write is the only way in which the JDK's server learns that a client has left.
 */
final class PatientBody {
    private static final Duration BETWEEN_BLANKS = Duration.ofSeconds(1);

    private final HttpExchange exchange;
    private long lastWrite = System.nanoTime();
    private @Nullable OutputStream out;

    PatientBody(HttpExchange exchange) {
        this.exchange = exchange;
    }

    /**
     * The answer grows. Its status is sent with the first blank, so only call this when nothing but success is expected.
     *
     * @throws IOException when the client is gone
     */
    void grows() throws IOException {
        if (System.nanoTime() - lastWrite < BETWEEN_BLANKS.toNanos()) {
            return;
        }
        if (out == null) {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            out = exchange.getResponseBody();
        }
        out.write(' ');
        out.flush();
        lastWrite = System.nanoTime();
    }

    /** Whether the status has gone out. */
    boolean hasBegun() {
        return out != null;
    }

    void send(Object json) throws IOException {
        if (out == null) {
            Http.send(exchange, 200, json);
        } else {
            out.write(Json.bytes(json));
            out.close();
        }
    }
}

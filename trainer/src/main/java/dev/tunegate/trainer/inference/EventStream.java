package dev.tunegate.trainer.inference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Server-sent events as OpenAI's stream has them. */
final class EventStream {
    private static final byte[] PREFIX = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SUFFIX = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private final LiveBody body;
    private boolean begun;

    EventStream(LiveBody body) {
        this.body = body;
    }

    /** Whether an event has been sent. */
    boolean begun() {
        return begun;
    }

    /** @throws IOException when the client is gone */
    void send(Object event) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(PREFIX);
        whole.write(Json.bytes(event));
        whole.write(SUFFIX);
        body.write(whole.toByteArray());
        begun = true;
    }

    void flush() throws IOException {
        body.flush();
    }

    void end() throws IOException {
        body.write(DONE);
        body.end();
    }
}

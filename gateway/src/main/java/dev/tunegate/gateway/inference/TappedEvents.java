package dev.tunegate.gateway.inference;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * A stream of server-sent events that a tap hears. What says that the answer is complete, {@code data: [DONE]}, goes out
 * when the tap has kept it; everything before goes out at once.
 */
final class TappedEvents implements WriteStream<Buffer> {
    /** A line may be as long as where no tap hears it. */
    private static final int LONGEST_LINE = EventLines.LONGEST_LINE;

    private static final String DONE = "data: [DONE]";

    private final WriteStream<Buffer> client;
    private final ChatTap tap;
    private Buffer line = Buffer.buffer();
    private @Nullable Buffer held;

    TappedEvents(WriteStream<Buffer> client, ChatTap tap) {
        this.client = client;
        this.tap = tap;
    }

    @Override
    public Future<Void> write(Buffer chunk) {
        if (isEndless()) {
            return endless();
        }
        Buffer out = Buffer.buffer();
        int begin = 0;
        for (int i = 0; i < chunk.length(); i++) {
            if (chunk.getByte(i) == '\n') {
                pass(line.appendBuffer(chunk, begin, i + 1 - begin), out);
                line = Buffer.buffer();
                begin = i + 1;
            }
        }
        line.appendBuffer(chunk, begin, chunk.length() - begin);
        if (isEndless()) {
            return endless();
        }
        return out.length() == 0 ? Future.succeededFuture() : client.write(out);
    }

    private boolean isEndless() {
        return line.length() > LONGEST_LINE;
    }

    private static Future<Void> endless() {
        return Future.failedFuture(new IllegalStateException("an event of more than " + LONGEST_LINE + " bytes"));
    }

    private void pass(Buffer whole, Buffer out) {
        tap.events(whole);
        if (held == null && isDone(whole)) {
            held = Buffer.buffer();
        }
        (held == null ? out : held).appendBuffer(whole);
    }

    private static boolean isDone(Buffer line) {
        return line.length() < 2 * DONE.length() && line.toString().strip().equals(DONE);
    }

    @Override
    public Future<Void> end() {
        Buffer rest = held == null ? line : held.appendBuffer(line);
        return tap.kept().compose(kept -> rest.length() == 0 ? client.end() : client.end(rest));
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        client.exceptionHandler(handler);
        return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        client.setWriteQueueMaxSize(maxSize);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        // A pipe asks once more after a failed write; the client has its error then, and its response has ended.
        return !isEndless() && client.writeQueueFull();
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        client.drainHandler(handler);
        return this;
    }
}

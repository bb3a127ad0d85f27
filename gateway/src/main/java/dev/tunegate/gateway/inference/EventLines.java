package dev.tunegate.gateway.inference;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A stream of server-sent events in which each line becomes another one; it is read as fast as this is. */
final class EventLines implements ReadStream<Buffer> {
    static final int LONGEST_LINE = 8 * 1024 * 1024;

    private final ReadStream<Buffer> events;
    private final UnaryOperator<Buffer> change;
    private @Nullable Handler<Buffer> reader;
    private @Nullable Handler<Throwable> failed;
    private Buffer line = Buffer.buffer();
    private boolean isBroken;

    /** @param change gets a line with its break, gives what goes on of it, and throws what the stream is to fail with */
    EventLines(ReadStream<Buffer> events, UnaryOperator<Buffer> change) {
        this.events = events;
        this.change = change;
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
        reader = handler;
        events.handler(handler == null ? null : chunk -> pass(chunk, handler));
        return this;
    }

    private void pass(Buffer chunk, Handler<Buffer> to) {
        if (isBroken) {
            return;
        }
        line.appendBuffer(chunk);
        Buffer whole = Buffer.buffer();
        int begin = 0;
        for (int i = line.length() - chunk.length(); i < line.length(); i++) {
            if (line.getByte(i) == '\n') {
                try {
                    whole.appendBuffer(change.apply(line.slice(begin, i + 1)));
                } catch (RuntimeException e) {
                    fail(e);
                    return;
                }
                begin = i + 1;
            }
        }
        if (begin > 0) { // a long line that comes in many pieces is not copied with each of them
            line = line.getBuffer(begin, line.length());
        }
        if (whole.length() > 0) {
            to.handle(whole);
        }
        if (line.length() > LONGEST_LINE) {
            fail(new IllegalStateException("an event of more than " + LONGEST_LINE + " bytes"));
        }
    }

    private void fail(RuntimeException failure) {
        isBroken = true;
        if (failed != null) {
            failed.handle(failure);
        }
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        failed = handler;
        events.exceptionHandler(handler);
        return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
        events.pause();
        return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
        events.resume();
        return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
        events.fetch(amount);
        return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(@Nullable Handler<Void> handler) {
        events.endHandler(
                handler == null
                        ? null
                        : end -> {
                            passRest();
                            if (!isBroken) {
                                handler.handle(null);
                            }
                        });
        return this;
    }

    private void passRest() {
        if (line.length() == 0 || reader == null || isBroken) {
            return;
        }
        try {
            reader.handle(change.apply(line));
        } catch (RuntimeException e) {
            fail(e);
        }
    }
}

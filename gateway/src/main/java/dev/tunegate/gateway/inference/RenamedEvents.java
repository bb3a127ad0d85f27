package dev.tunegate.gateway.inference;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A stream of server-sent events in which each names a model otherwise, and none repeats a key; it is read as fast as this
 * is.
 */
final class RenamedEvents implements ReadStream<Buffer> {
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);
    static final int LONGEST_LINE = 8 * 1024 * 1024;

    private final ReadStream<Buffer> events;
    private final @Nullable ModelName name;
    private final @Nullable String key;
    private @Nullable Handler<Buffer> reader;
    private @Nullable Handler<Throwable> failed;
    private Buffer line = Buffer.buffer();

    /**
     * @param name null to leave the model's name as it is
     * @param key what is not to be repeated, null for nothing
     */
    RenamedEvents(ReadStream<Buffer> events, @Nullable ModelName name, @Nullable String key) {
        this.events = events;
        this.name = name;
        this.key = key;
    }

    @Override
    public ReadStream<Buffer> handler(@Nullable Handler<Buffer> handler) {
        reader = handler;
        events.handler(handler == null ? null : chunk -> pass(chunk, handler));
        return this;
    }

    private void pass(Buffer chunk, Handler<Buffer> to) {
        line.appendBuffer(chunk);
        Buffer whole = Buffer.buffer();
        int begin = 0;
        for (int i = line.length() - chunk.length(); i < line.length(); i++) {
            if (line.getByte(i) == '\n') {
                whole.appendBuffer(renamed(line.slice(begin, i + 1)));
                begin = i + 1;
            }
        }
        if (begin > 0) { // a long line that comes in many pieces is not copied with each of them
            line = line.getBuffer(begin, line.length());
        }
        if (whole.length() > 0) {
            to.handle(whole);
        }
        if (line.length() > LONGEST_LINE && failed != null) {
            failed.handle(new IllegalStateException("an event of more than " + LONGEST_LINE + " bytes"));
        }
    }

    private Buffer renamed(Buffer sent) {
        Buffer text = withoutKey(sent);
        if (name == null || text.length() < DATA.length || !Arrays.equals(text.getBytes(0, DATA.length), DATA)) {
            return text;
        }
        return Buffer.buffer(DATA).appendBuffer(name.in(text.getBuffer(DATA.length, text.length())));
    }

    private Buffer withoutKey(Buffer text) {
        if (key == null) {
            return text;
        }
        String sent = text.toString();
        return sent.contains(key) ? Buffer.buffer(sent.replace(key, "****")) : text;
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
                            if (line.length() > 0 && reader != null) {
                                reader.handle(renamed(line));
                            }
                            handler.handle(null);
                        });
        return this;
    }
}

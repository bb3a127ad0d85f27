package dev.tunegate.trainer.inference;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer. Its status goes out with its first byte. While it has none to send, signs of life go out, by which
 * whoever waits can tell a slow answer from a worker that is gone; a failing write is in turn the only way in which the JDK's
 * server learns that a client has left.
 */
final class LiveBody implements AutoCloseable {
    private final HttpExchange exchange;
    private final String contentType;
    private final byte[] signOfLife;
    private final long interval;
    private final Future<?> beats;

    /** Guards all below. A beat does not wait for it: whoever has it is alive. */
    private final ReentrantLock lock = new ReentrantLock();

    private Runnable whenGone = () -> {};
    private long lastWrite = System.nanoTime();
    private boolean isSettled;
    private boolean isGone;
    private @Nullable OutputStream out;

    private LiveBody(HttpExchange exchange, String contentType, String signOfLife, Heartbeat heartbeat) {
        this.exchange = exchange;
        this.contentType = contentType;
        this.signOfLife = signOfLife.getBytes(StandardCharsets.US_ASCII);
        interval = heartbeat.interval().toNanos();
        beats = heartbeat.each(this::beat);
    }

    /** A JSON body, which may begin with blanks. */
    static LiveBody json(HttpExchange exchange, Heartbeat heartbeat) {
        return new LiveBody(exchange, "application/json", " ", heartbeat);
    }

    /** A stream of server-sent events, among which comments may stand. */
    static LiveBody events(HttpExchange exchange, Heartbeat heartbeat) {
        return new LiveBody(exchange, "text/event-stream; charset=utf-8", ":\n", heartbeat);
    }

    /** Says what to do when a sign of life finds that the client has left. */
    void whenGone(Runnable action) {
        lock.lock();
        try {
            whenGone = action;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the signs of life.
     *
     * @return whether the status has gone out
     */
    boolean settle() {
        beats.cancel(false);
        lock.lock();
        try {
            isSettled = true;
            return out != null;
        } finally {
            lock.unlock();
        }
    }

    /** @throws IOException when the client is gone */
    void write(byte[] bytes) throws IOException {
        lock.lock();
        try {
            opened().write(bytes);
        } finally {
            lock.unlock();
        }
    }

    /** @throws IOException when the client is gone */
    void flush() throws IOException {
        lock.lock();
        try {
            opened().flush();
            lastWrite = System.nanoTime();
        } finally {
            lock.unlock();
        }
    }

    /** The body is whole. */
    void end() throws IOException {
        settle();
        opened().close();
    }

    @Override
    public void close() {
        settle();
    }

    private void beat() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            if (!isSettled && !isGone && System.nanoTime() - lastWrite >= interval / 2) {
                write(signOfLife);
                flush();
            }
        } catch (IOException e) {
            isGone = true;
            whenGone.run();
        } finally {
            lock.unlock();
        }
    }

    private OutputStream opened() throws IOException {
        OutputStream opened = out;
        if (opened == null) {
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.getResponseHeaders().set("Cache-Control", "no-cache");
            exchange.sendResponseHeaders(200, 0); // 0: of unknown length, chunked
            opened = new BufferedOutputStream(exchange.getResponseBody());
            out = opened;
        }
        return opened;
    }
}

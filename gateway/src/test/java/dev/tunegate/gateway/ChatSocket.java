package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection on which a chat completion has been asked for, for tests that look at how the answer comes. */
public final class ChatSocket implements AutoCloseable {
    /** How a streamed answer ends, after its last event. */
    public static final String END = "\r\n0\r\n\r\n";

    private static final int SHOWN = 500;

    private final Socket socket;
    private final InputStream in;

    private ChatSocket(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    public static ChatSocket ask(URI gateway, String request) {
        byte[] body = request.getBytes(StandardCharsets.UTF_8);
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length + "\r\n\r\n";
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.getPort());
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write((head + request).getBytes(StandardCharsets.UTF_8));
            return new ChatSocket(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What comes up to there and no further, headers and the lengths of chunks too. */
    public String readUntil(String end) {
        String last = new String(end.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        StringBuilder bytes = new StringBuilder();
        while (bytes.indexOf(last, Math.max(0, bytes.length() - last.length())) < 0) {
            int next = next();
            assertThat(next)
                    .as("what follows %s", bytes.substring(Math.max(0, bytes.length() - SHOWN)))
                    .isNotNegative();
            bytes.append((char) next);
        }
        return new String(bytes.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private int next() {
        try {
            return in.read();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether something has come that was not read yet. */
    public boolean hasMore() {
        try {
            return in.available() > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it is still held open here; what the gateway does about it is another matter. */
    public boolean isOpen() {
        return !socket.isClosed();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.tunegate.gateway.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One way to cost a gateway more than its share, over and over again over a connection each time. */
final class Attack {
    private static final int PATIENCE_MILLIS = 60_000;
    private static final int STATUS_LINE = 12; // as far as "HTTP/1.1 200"

    private final String name;
    private final InetSocketAddress gateway;
    private final byte[] head;
    private final byte[] block;
    private final long blocks;
    private final Map<String, Integer> answers = new TreeMap<>();
    private volatile boolean isOver;
    private @Nullable Socket socket;

    /**
     * An attack by one request.
     *
     * @param head its line and headers
     * @param block what its body is made of
     * @param blocks how many of them are sent, before it falls silent
     */
    Attack(String name, InetSocketAddress gateway, String head, String block, long blocks) {
        this.name = name;
        this.gateway = gateway;
        this.head = head.getBytes(StandardCharsets.ISO_8859_1);
        this.block = block.getBytes(StandardCharsets.ISO_8859_1);
        this.blocks = blocks;
    }

    String name() {
        return name;
    }

    /** How often it has been answered with which status; "none" where the connection was closed before it was. */
    synchronized Map<String, Integer> answers() {
        return new TreeMap<>(answers);
    }

    /** Lets it end, once it has been answered at all. */
    synchronized void stop() throws IOException {
        isOver = true;
        if (socket != null && !answers.isEmpty()) {
            socket.close();
        }
    }

    /** Attacks until it is stopped, on the thread of the caller. */
    void run() {
        while (!isOver) {
            String status = once();
            synchronized (this) {
                if (!isOver || answers.isEmpty()) {
                    answers.merge(status, 1, Integer::sum);
                }
            }
        }
    }

    private synchronized Socket open() {
        socket = new Socket();
        return socket;
    }

    private String once() {
        try (Socket connection = open()) {
            connection.connect(gateway, PATIENCE_MILLIS);
            connection.setSoTimeout(PATIENCE_MILLIS);
            try {
                send(connection);
            } catch (IOException e) {
                // the gateway reads no more: its answer may be there
            }
            return status(connection.getInputStream());
        } catch (IOException e) {
            return "none";
        }
    }

    private void send(Socket connection) throws IOException {
        OutputStream out = connection.getOutputStream();
        InputStream in = connection.getInputStream();
        out.write(head);
        for (long i = 0; i < blocks && in.available() == 0; i++) {
            out.write(block);
        }
    }

    private static String status(InputStream in) throws IOException {
        byte[] line = new byte[STATUS_LINE];
        int read = 0;
        while (read < line.length) {
            int more = in.read(line, read, line.length - read);
            if (more < 0) {
                return "none";
            }
            read += more;
        }
        return new String(Arrays.copyOfRange(line, STATUS_LINE - 3, STATUS_LINE), StandardCharsets.ISO_8859_1);
    }
}

package dev.tunegate.trainer.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** A stub of a gateway on the other end of a line that goes dead: it takes connections, and some bytes, and then nothing. */
final class HalfOpenGateway implements AutoCloseable {
    private final ServerSocket server = new ServerSocket();
    private final List<Socket> connections = new ArrayList<>();
    private final Behaviour behaviour;

    /** What it does with a connection; that stays open afterwards. */
    interface Behaviour {
        void take(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    HalfOpenGateway(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        server.setReceiveBufferSize(4096); // so that an upload does not fit into what nobody reads
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread thread = new Thread(this::run, "half-open gateway");
        thread.setDaemon(true);
        thread.start();
    }

    URI uri() {
        return URI.create("http://localhost:" + server.getLocalPort());
    }

    /** How many connections were opened. */
    synchronized int connections() {
        return connections.size();
    }

    /** Reads the head of a request. */
    static void readHead(InputStream in) throws IOException {
        int ends = 0;
        while (ends < 4) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the worker has left");
            }
            ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : 0;
        }
    }

    /** Begins to answer with bytes. */
    static void begin(OutputStream out, int length) throws IOException {
        String head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " + length;
        out.write((head + "\r\n\r\n").getBytes(US_ASCII));
        out.flush();
    }

    private void run() {
        try {
            while (true) {
                Socket socket = server.accept();
                synchronized (this) {
                    connections.add(socket);
                }
                Thread thread = new Thread(() -> take(socket), "half-open connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            if (!server.isClosed()) {
                throw new AssertionError(e);
            }
        }
    }

    private void take(Socket socket) {
        try {
            behaviour.take(socket.getInputStream(), socket.getOutputStream());
        } catch (IOException | InterruptedException e) {
            // The worker has given the connection up, which is what it should do.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        server.close();
        for (Socket socket : connections) {
            socket.close();
        }
    }
}

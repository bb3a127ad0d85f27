package dev.tunegate.gateway.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A way over TCP to a port of this machine that can be slow, silent or cut. */
final class Link implements Closeable {
    enum Mode {
        OPEN,
        /** Each piece takes {@link #DELAY}. */
        SLOW,
        /**
         * Connections are made and kept, and what is sent over them is lost. Half a stream is of no use to anyone, so those
         * that were silent once stay silent, as behind a router that has forgotten them.
         */
        HALF_OPEN,
        CUT
    }

    private static final Duration DELAY = Duration.ofMillis(100);
    private static final int PIECE_BYTES = 8 * 1024;

    private final ServerSocket listener;
    private final IntSupplier target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.OPEN;

    /** @param target the port that this leads to, which may change; 0 while there is none */
    Link(IntSupplier target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        run("accept", this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Where it leads to now. */
    int target() {
        return target.getAsInt();
    }

    void set(Mode newMode) {
        mode = newMode;
        connections.forEach(Connection::obey);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Connection connection = new Connection(listener.accept());
                connections.add(connection);
                connection.obey();
                run("connect", connection::join);
            } catch (IOException e) {
                // The link is closed, or a client has gone before it was heard.
            }
        }
    }

    private void run(String what, Runnable work) {
        Thread thread = new Thread(work, "link " + port() + " " + what);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        connections.forEach(Connection::close);
    }

    /** From one end to the other and back. */
    private final class Connection {
        private final Socket near;
        private @Nullable Socket far;
        private volatile boolean isLost;

        Connection(Socket near) {
            this.near = near;
        }

        void obey() {
            switch (mode) {
                case CUT -> close();
                case HALF_OPEN -> isLost = true;
                case OPEN, SLOW -> {}
            }
        }

        void join() {
            if (isLost) {
                swallow();
                return;
            }
            try {
                Socket there = connect();
                run("back", () -> carry(there, near));
                carry(near, there);
            } catch (IOException e) {
                close();
            }
        }

        private void swallow() {
            try {
                near.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // It is as lost as what came before.
            }
            close();
        }

        private synchronized Socket connect() throws IOException {
            if (near.isClosed()) {
                throw new IOException("the link is cut");
            }
            Socket there = new Socket(InetAddress.getLoopbackAddress(), target());
            far = there;
            near.setTcpNoDelay(true);
            there.setTcpNoDelay(true);
            return there;
        }

        private void carry(Socket from, Socket to) {
            byte[] piece = new byte[PIECE_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                    if (mode == Mode.SLOW) {
                        Thread.sleep(DELAY.toMillis());
                    }
                    if (!isLost) {
                        out.write(piece, 0, count);
                    }
                }
            } catch (IOException e) {
                // One of the ends has gone; the other learns it below.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (isLost) {
                quietly(from); // the other end hears nothing of it
            } else {
                close();
            }
        }

        synchronized void close() {
            quietly(near);
            if (far != null) {
                quietly(far);
            }
            connections.remove(this);
        }
    }

    private static void quietly(Closeable end) {
        try {
            end.close();
        } catch (IOException e) {
            // It is closed, whatever was left to say.
        }
    }
}

package dev.tunegate.gateway.db;

import static dev.tunegate.gateway.Listening.listening;
import static dev.tunegate.gateway.db.Await.await;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A way to a server on which bytes can get lost without a word, as when a firewall forgets its connections, and that can be
 * cut.
 */
public final class Link implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx();
    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
    private final URI server;
    private NetServer listener;
    private volatile boolean isStalled;

    /** @param server a URL with host and port, such as that of a Postgres */
    public Link(String server) {
        this.server = URI.create(server);
        this.listener = listen(0);
    }

    private NetServer listen(int port) {
        return listening(
                vertx,
                () -> vertx.createNetServer()
                        .connectHandler(client -> new Wire(client).connect())
                        .listen(port, "127.0.0.1"));
    }

    /** The server's URL as this link leads to it. */
    public String url() {
        return server.getScheme() + "://" + server.getUserInfo() + "@127.0.0.1:" + listener.actualPort()
                + server.getPath();
    }

    /** From now on all connections are half-open, old and new ones: neither end hears the other, nor that it has gone. */
    public void stall() {
        isStalled = true;
        wires.forEach(wire -> wire.isDead = true);
    }

    /** New connections lead to the server again; those that have been half-open stay so. */
    public void heal() {
        isStalled = false;
    }

    /** Ends all connections, and refuses new ones until {@link #mend}. */
    public void cut() {
        await(listener.shutdown(0, TimeUnit.SECONDS));
        wires.forEach(Wire::close);
    }

    public void mend() {
        listener = listen(listener.actualPort());
    }

    @Override
    public void close() {
        await(vertx.close());
    }

    private final class Wire {
        private final NetSocket client;
        private volatile boolean isDead = isStalled;

        Wire(NetSocket client) {
            this.client = client;
        }

        void connect() {
            if (isDead) {
                client.handler(lost -> {});
                return;
            }
            wires.add(this);
            client.pause();
            vertx.createNetClient()
                    .connect(server.getPort(), server.getHost())
                    .onSuccess(this::join)
                    .onFailure(failure -> client.close());
        }

        private void join(NetSocket there) {
            forward(client, there);
            forward(there, client);
            client.resume();
        }

        private void forward(NetSocket from, NetSocket to) {
            from.handler(bytes -> {
                if (!isDead) {
                    to.write(bytes);
                }
            });
            from.closeHandler(gone -> {
                if (!isDead) {
                    to.close();
                }
            });
        }

        void close() {
            client.close();
        }
    }
}

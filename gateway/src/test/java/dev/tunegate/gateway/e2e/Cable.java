package dev.tunegate.gateway.e2e;

import static dev.tunegate.gateway.Listening.listening;
import static dev.tunegate.gateway.db.Await.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server that can be cut, and on which the answer to the creation of a job can get lost. */
final class Cable implements AutoCloseable {
    private static final String CREATION = "POST /v1/fine_tuning/jobs HTTP/1.1";

    private final Vertx vertx = Vertx.vertx();
    private final Set<NetSocket> ends = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean losesNextCreation = new AtomicBoolean();
    private final AtomicInteger creations = new AtomicInteger();
    private final URI server;
    private NetServer listener;

    Cable(URI server) {
        this.server = server;
        this.listener = listen(0);
    }

    private NetServer listen(int port) {
        return listening(
                vertx,
                () -> vertx.createNetServer().connectHandler(this::connect).listen(port, "127.0.0.1"));
    }

    /** The server's base URL as this cable leads to it. */
    URI baseUrl() {
        return URI.create("http://127.0.0.1:" + listener.actualPort() + server.getPath());
    }

    int creations() {
        return creations.get();
    }

    void loseAnswerToNextCreation() {
        losesNextCreation.set(true);
    }

    void cut() {
        await(listener.shutdown(0, TimeUnit.SECONDS));
        ends.forEach(NetSocket::close);
    }

    void mend() {
        listener = listen(listener.actualPort());
    }

    private void connect(NetSocket client) {
        ends.add(client);
        client.pause();
        vertx.createNetClient()
                .connect(server.getPort(), server.getHost())
                .onSuccess(there -> join(client, there))
                .onFailure(failure -> client.close());
    }

    private void join(NetSocket client, NetSocket there) {
        ends.add(there);
        AtomicBoolean losesAnswer = new AtomicBoolean();
        client.handler(sent -> {
            if (isCreation(sent)) {
                creations.incrementAndGet();
                losesAnswer.set(losesNextCreation.getAndSet(false));
            }
            there.write(sent);
        });
        there.handler(answer -> {
            if (losesAnswer.get()) {
                client.close();
            } else {
                client.write(answer);
            }
        });
        client.closeHandler(gone -> there.close());
        there.closeHandler(gone -> client.close());
        client.resume();
    }

    private static boolean isCreation(Buffer sent) {
        return sent.getString(0, Math.min(sent.length(), CREATION.length())).equals(CREATION);
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}

package dev.tunegate.gateway;

import static dev.tunegate.gateway.Listening.listening;
import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ListeningTest {
    private static final int RESTARTS = 200;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void aServerThatStoppedListensAgainOnItsPort() {
        HttpServer server = listen(0);
        int port = server.actualPort();
        for (int restart = 0; restart < RESTARTS; restart++) {
            await(server.shutdown(0, TimeUnit.SECONDS));
            server = listen(port);
        }
        assertThat(server.actualPort()).isEqualTo(port);
    }

    private HttpServer listen(int port) {
        return listening(
                vertx,
                () -> vertx.createHttpServer().requestHandler(request -> {}).listen(port, "127.0.0.1"));
    }
}

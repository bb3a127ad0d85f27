package dev.tunegate.gateway.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a stream whose line never ends. */
class TappedEventsTest {
    private final Vertx vertx = Vertx.vertx();
    private final List<Throwable> unhandled = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES);
    }

    @Test
    void whatStillComesInAfterItsEndIsNotAskedOfTheResponse() throws Exception {
        vertx.exceptionHandler(unhandled::add);
        HttpServer server = vertx.createHttpServer()
                .requestHandler(this::pipeBack)
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(1, TimeUnit.MINUTES);
        byte[] endless = new byte[2 * EventLines.LONGEST_LINE];

        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort()))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(endless))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(answer.body()).isEqualTo("an event of more than 8388608 bytes");
        assertThat(unhandled).isEmpty();
    }

    private void pipeBack(HttpServerRequest request) {
        request.response().setChunked(true);
        request.pipe()
                .endOnFailure(false)
                .to(new TappedEvents(request.response(), ChatTap.NONE))
                .onFailure(e -> request.response().end(e.getMessage()));
    }
}

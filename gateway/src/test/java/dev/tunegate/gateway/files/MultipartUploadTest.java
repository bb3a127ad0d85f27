package dev.tunegate.gateway.files;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpServer;
import io.vertx.core.streams.ReadStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that goes away when it has sent everything, while that is being stored. */
class MultipartUploadTest {
    private static final String FORM =
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\nx\r\n--b--\r\n";

    private final Vertx vertx = Vertx.vertx();
    private final SlowStore store = new SlowStore();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void whatNobodyWaitsForAnyMoreIsNotKept() throws IOException {
        Promise<Void> closed = Promise.promise();
        Promise<MultipartUpload.Form> form = Promise.promise();
        HttpServer server = await(vertx.createHttpServer()
                .requestHandler(request -> {
                    request.connection().closeHandler(gone -> closed.complete());
                    MultipartUpload.read(request, request, "file", 100, store).onComplete(form);
                })
                .listen(0, "127.0.0.1"));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
            socket.getOutputStream()
                    .write(("POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                                    + "Content-Length: " + FORM.length() + "\r\n\r\n" + FORM)
                            .getBytes(StandardCharsets.US_ASCII));
            await(store.begun.future());
            socket.shutdownOutput();
            await(closed.future());
        }
        store.done.complete(new Blob("blob-1", 1, "x"));
        assertThatThrownBy(() -> await(form.future())).isInstanceOf(HttpClosedException.class);
        assertThat(store.deleted).containsExactly("blob-1");
    }

    /** Stores nothing, and says that it has when the test says so. */
    private static final class SlowStore implements BlobStore {
        private final Promise<Void> begun = Promise.promise();
        private final Promise<Blob> done = Promise.promise();
        private final List<String> deleted = new CopyOnWriteArrayList<>();

        @Override
        public Future<Blob> write(ReadStream<Buffer> bytes) {
            bytes.endHandler(end -> begun.complete()).handler(dropped -> {}).resume();
            return done.future();
        }

        @Override
        public Future<Content> read(String id) {
            return Future.failedFuture(new NoSuchBlob(id));
        }

        @Override
        public Future<Void> delete(String id) {
            deleted.add(id);
            return Future.succeededFuture();
        }

        @Override
        public Future<List<Written>> list() {
            return Future.succeededFuture(List.of());
        }
    }
}

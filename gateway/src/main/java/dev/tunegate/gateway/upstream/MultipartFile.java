package dev.tunegate.gateway.upstream;

import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.DigestingStream;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/**
 * Sends the body of an upload, purpose and file, as it is read from the disk. Bytes that have changed on the disk are not
 * sent to their end.
 */
final class MultipartFile implements WriteStream<Buffer> {
    private final HttpClientRequest request;
    private final Buffer end;
    private final String sha256;
    private final DigestingStream digesting;

    private MultipartFile(HttpClientRequest request, Buffer end, String sha256) {
        this.request = request;
        this.end = end;
        this.sha256 = sha256;
        this.digesting = new DigestingStream(request);
    }

    static Future<HttpClientResponse> send(
            HttpClientRequest request, String filename, String sha256, BlobStore.Content content) {
        String boundary = Ids.random("tunegate-", 32);
        Buffer begin = Buffer.buffer(
                "--" + boundary + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
                        + "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
                        + filename.replaceAll("[^\\x20-\\x7e]|[\"\\\\]", "_")
                        + "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        Buffer end = Buffer.buffer("\r\n--" + boundary + "--\r\n");
        request.putHeader("content-type", "multipart/form-data; boundary=" + boundary)
                .putHeader("content-length", Long.toString(begin.length() + content.bytes() + end.length()));
        // The first of the two counts: a host may refuse before it has read everything, and hang up. The answer is
        // passed on the moment it is there, for nobody else keeps what it brings.
        Promise<HttpClientResponse> answered = Promise.promise();
        request.response().onSuccess(answered::tryComplete).onFailure(answered::tryFail);
        request.write(begin)
                .compose(
                        begun -> content.pipeTo(new MultipartFile(request, end, sha256)),
                        failure -> content.close().transform(closed -> Future.failedFuture(failure)))
                .onFailure(answered::tryFail);
        return answered.future();
    }

    @Override
    public Future<Void> write(Buffer data) {
        return digesting.write(data);
    }

    @Override
    public Future<Void> end() {
        return digesting.sha256().equals(sha256) ? request.end(end) : Future.failedFuture(new DamagedFile());
    }

    /** Says that what is on the disk is not what was stored. */
    static final class DamagedFile extends RuntimeException {
        static final String MESSAGE = "The file has other bytes on this gateway's disk than when it was uploaded.";

        private DamagedFile() {
            super(MESSAGE, null, false, false);
        }
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        request.exceptionHandler(handler);
        return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        request.setWriteQueueMaxSize(maxSize);
        return this;
    }

    @Override
    public boolean writeQueueFull() {
        return request.writeQueueFull();
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        request.drainHandler(handler);
        return this;
    }
}

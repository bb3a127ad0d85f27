package dev.tunegate.trainer.worker;

import java.io.FileNotFoundException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Flow;

/** A file on its way to the gateway. Its {@link Watch} hears of every piece that the connection takes. */
final class UploadBody implements BodyPublisher {
    /** The gateway flushes what it got to its disk before it answers; no disk is expected to be slower. */
    private static final long SLOWEST_DISK_BYTES_PER_SECOND = 10_000_000;

    private final BodyPublisher file;
    private final Watch watch;
    private final Duration silence;

    /** @param silence how long the connection may take nothing */
    UploadBody(Path file, Watch watch, Duration silence) throws FileNotFoundException {
        this.file = BodyPublishers.ofFile(file);
        this.watch = watch;
        this.silence = silence;
    }

    @Override
    public long contentLength() {
        return file.contentLength();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> connection) {
        file.subscribe(new Heard(connection));
    }

    /** Passes everything on and tells of it. */
    private final class Heard implements Flow.Subscriber<ByteBuffer> {
        private final Flow.Subscriber<? super ByteBuffer> connection;

        Heard(Flow.Subscriber<? super ByteBuffer> connection) {
            this.connection = connection;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            connection.onSubscribe(subscription);
        }

        @Override
        public void onNext(ByteBuffer piece) {
            watch.moved(silence);
            connection.onNext(piece);
        }

        @Override
        public void onError(Throwable failure) {
            connection.onError(failure);
        }

        @Override
        public void onComplete() {
            watch.moved(silence.plusSeconds(contentLength() / SLOWEST_DISK_BYTES_PER_SECOND));
            connection.onComplete();
        }
    }
}

package dev.tunegate.trainer.worker;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Bytes from the gateway on their way into a file. Its {@link Watch} hears of every piece. The body itself is empty. */
final class DownloadBody implements BodySubscriber<byte[]> {
    private final Path file;
    private final Watch watch;
    private final Duration silence;
    private final CompletableFuture<byte[]> written = new CompletableFuture<>();
    private @Nullable FileChannel channel;
    private Flow.@Nullable Subscription subscription;

    /** This machine could not write the file: the gateway is not to blame, and asking it again does not help. */
    static final class NotWritten extends IOException {
        private static final long serialVersionUID = 1L;

        NotWritten(Path file, IOException cause) {
            super("cannot write " + file + ": " + cause.getMessage(), cause);
        }
    }

    /** @param silence how long nothing may come */
    DownloadBody(Path file, Watch watch, Duration silence) {
        this.file = file;
        this.watch = watch;
        this.silence = silence;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return written;
    }

    @Override
    public void onSubscribe(Flow.Subscription bytes) {
        subscription = bytes;
        try {
            channel = FileChannel.open(file, CREATE, WRITE, TRUNCATE_EXISTING);
            bytes.request(Long.MAX_VALUE);
        } catch (IOException e) {
            giveUp(e);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        watch.moved(silence);
        FileChannel open = channel;
        if (open == null) { // what was under way when it was given up
            return;
        }
        try {
            for (ByteBuffer piece : pieces) {
                while (piece.hasRemaining()) {
                    open.write(piece);
                }
            }
        } catch (IOException e) {
            giveUp(e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        close();
        written.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        close();
        written.complete(new byte[0]);
    }

    private void giveUp(IOException e) {
        Objects.requireNonNull(subscription).cancel();
        close();
        written.completeExceptionally(new NotWritten(file, e));
    }

    private void close() {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                written.completeExceptionally(new NotWritten(file, e));
            }
        }
    }
}

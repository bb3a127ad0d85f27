package dev.tunegate.trainer.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.tunegate.trainer.stop.Stop;
import dev.tunegate.trainer.stop.Stopped;
import dev.tunegate.trainer.worker.GatewayException.Unavailable;
import dev.tunegate.trainer.worker.Protocol.JobSpec;
import dev.tunegate.trainer.worker.Protocol.Kind;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transfers over a line that goes dead, or is only slow, and transfers that nobody wants any more. */
@Timeout(20)
class TransferTest {
    private static final Duration SILENCE = Duration.ofMillis(300);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final JobSpec JOB =
            new JobSpec("base", null, "supervised", JsonNodeFactory.instance.objectNode(), 1, "file-1", null, 3);
    private static final Task TASK = new Task(Kind.TRAIN, "ftjob-1", 1, 60, JOB, null, null);

    /** More than the buffers on the way hold. */
    private static final int LARGE = 32 << 20;

    @TempDir
    Path dir;

    private final AtomicBoolean isStopped = new AtomicBoolean();
    private final Stop stop = () -> {
        if (isStopped.get()) {
            throw new Stopped();
        }
    };

    @Test
    void anUploadThatNobodyReadsFails() throws Exception {
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> in.readNBytes(10_000))) {
            assertThatThrownBy(() -> client(gateway, SILENCE).uploadBlob(TASK, file(LARGE), Stop.NEVER))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageEndingWith("has stopped answering");
        }
    }

    @Test
    void anUploadThatIsNotAnsweredFails() throws Exception {
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> in.readAllBytes())) {
            assertThatThrownBy(() -> client(gateway, SILENCE).uploadBlob(TASK, file(100), Stop.NEVER))
                    .isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void aDownloadThatIsNotAnsweredFails() throws Exception {
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> HalfOpenGateway.readHead(in))) {
            assertThatThrownBy(() -> download(client(gateway, SILENCE), Stop.NEVER))
                    .isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void aDownloadThatGoesDeadInTheMiddleFails() throws Exception {
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> {
            HalfOpenGateway.readHead(in);
            HalfOpenGateway.begin(out, 1000);
            out.write(new byte[500]);
        })) {
            assertThatThrownBy(() -> download(client(gateway, SILENCE), Stop.NEVER))
                    .isInstanceOf(Unavailable.class);
        }
    }

    @Test
    void aTransferThatIsSlowIsNoDeadOne() throws Exception {
        int pieces = 15; // in one and a half times the silence that ends this transfer
        Duration silence = Duration.ofSeconds(1);
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> {
            HalfOpenGateway.readHead(in);
            HalfOpenGateway.begin(out, pieces);
            for (int i = 0; i < pieces; i++) {
                Thread.sleep(silence.toMillis() / 10);
                out.write(i);
                out.flush();
            }
        })) {
            download(client(gateway, silence), Stop.NEVER);
        }
        assertThat(target()).hasSize(pieces);
    }

    @Test
    void anUploadEndsAtOnceWhenItIsNotWanted() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> {
            in.readNBytes(10_000);
            begun.countDown();
        })) {
            stopWhen(begun);
            assertThatThrownBy(() -> client(gateway, HOUR).uploadBlob(TASK, file(LARGE), stop))
                    .isInstanceOf(Stopped.class);
        }
    }

    @Test
    void aDownloadEndsAtOnceWhenItIsNotWanted() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> {
            HalfOpenGateway.readHead(in);
            HalfOpenGateway.begin(out, 1000);
            out.write(new byte[500]);
            out.flush();
            begun.countDown();
        })) {
            stopWhen(begun);
            assertThatThrownBy(() -> download(client(gateway, HOUR), stop)).isInstanceOf(Stopped.class);
        }
    }

    @Test
    void theWaitForTheNextTryEndsAtOnceToo() {
        AtomicInteger tries = new AtomicInteger();
        Retry retry = new Retry(HOUR, HOUR);

        assertThatThrownBy(() -> retry.untilAvailable(
                        () -> {
                            tries.incrementAndGet();
                            isStopped.set(true);
                            throw new Unavailable("away");
                        },
                        stop))
                .isInstanceOf(Stopped.class);
        assertThat(tries).hasValue(1);
    }

    @Test
    void aDiskThatTakesNothingIsNotTheGatewaysFault() throws Exception {
        try (HalfOpenGateway gateway = new HalfOpenGateway((in, out) -> {
            HalfOpenGateway.readHead(in);
            HalfOpenGateway.begin(out, 1000);
            out.write(new byte[1000]);
        })) {
            Path nowhere = dir.resolve("no such directory/file");
            assertThatThrownBy(() -> client(gateway, HOUR).downloadBlob(TASK, "blob-1", nowhere, Stop.NEVER))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(GatewayException.class)
                    .hasMessageContaining(nowhere.toString());
        }
    }

    private void stopWhen(CountDownLatch begun) {
        Thread thread = new Thread(
                () -> {
                    try {
                        begun.await();
                        isStopped.set(true);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                },
                "stop");
        thread.setDaemon(true);
        thread.start();
    }

    private void download(GatewayClient client, Stop wanted) throws IOException, InterruptedException {
        client.downloadFile(TASK, "file-1", target(), wanted);
    }

    private Path target() {
        return dir.resolve("download");
    }

    private Path file(int bytes) throws IOException {
        Path file = dir.resolve("upload");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(bytes);
        }
        return file;
    }

    private static GatewayClient client(HalfOpenGateway gateway, Duration silence) {
        return new GatewayClient(gateway.uri(), "token", silence);
    }
}

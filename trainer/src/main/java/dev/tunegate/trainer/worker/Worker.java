package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.inference.InferenceServer;
import dev.tunegate.trainer.worker.GatewayException.Refused;
import dev.tunegate.trainer.worker.Protocol.ClaimRequest;
import dev.tunegate.trainer.worker.Protocol.Kind;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: one loop that trains, one that checks files meanwhile, and a server that answers chat requests with the same
 * loaded models.
 */
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);
    private static final int CLAIM_WAIT_SECONDS = 20;

    private final WorkerSettings settings;
    private final String inferenceToken = UUID.randomUUID().toString();
    private final BaseModels baseModels;
    private final LoadedModels loadedModels;
    private final ChatModels chatModels;
    private final InferenceServer inference;
    private final String inferenceUrl;
    private final GatewayClient gateway;
    private final Retry retry;
    private final TaskRunner runner;
    private final Thread trainThread;
    private final Thread validateThread;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile boolean training;
    private volatile @Nullable Exception failure;

    public Worker(WorkerSettings settings) throws IOException {
        this(settings, new Retry(Duration.ofMillis(500), Duration.ofSeconds(15)), REPORT_INTERVAL);
    }

    Worker(WorkerSettings settings, Retry retry, Duration reportInterval) throws IOException {
        this.settings = settings;
        this.retry = retry;
        baseModels = new BaseModels(settings.modelDirectories());
        loadedModels = new LoadedModels(baseModels, settings.computeType(), settings.memoryBytes() / 2);
        gateway = new GatewayClient(settings.gateway(), settings.token());
        runner = new TaskRunner(gateway, retry, reportInterval, loadedModels, settings.workDir(), () -> stopping);
        chatModels = new ChatModels(loadedModels, gateway, settings.workDir());
        inference = new InferenceServer(settings.inferenceAddress(), inferenceToken, chatModels);
        inferenceUrl = settings.inferenceUrl() != null
                ? settings.inferenceUrl().toString()
                : url(settings.inferenceAddress(), inference.port());
        trainThread = new Thread(() -> loop(Kind.TRAIN), "train");
        validateThread = new Thread(() -> loop(Kind.VALIDATE), "validate");
    }

    /**
     * Works until {@link #stop}, or until one training task is done where only one was wanted.
     *
     * @throws Refused when the gateway will not have this worker
     */
    public void run() throws Refused, InterruptedException {
        LOG.info(
                "Worker {} for {} with the models {}; answering chat requests at {}",
                settings.workerId(),
                settings.gateway(),
                baseModels.all().keySet(),
                inferenceUrl);
        trainThread.start();
        validateThread.start();
        over.await();
        if (failure instanceof Refused refused) {
            throw refused;
        }
        if (failure != null) {
            throw new IllegalStateException("the worker cannot go on", failure);
        }
    }

    /** Lets the running step end and its state be saved at the gateway, at most for the given time. */
    public void stop(Duration patience) throws InterruptedException {
        stopping = true;
        validateThread.interrupt();
        if (!training) {
            trainThread.interrupt();
        }
        trainThread.join(Math.max(1, patience.toMillis()));
        trainThread.interrupt();
        over.countDown();
    }

    @Override
    public void close() {
        validateThread.interrupt();
        inference.close();
        chatModels.close();
        // A step that outlives stop() still needs its model; the process is about to end.
        if (!trainThread.isAlive()) {
            loadedModels.close();
        }
    }

    private void loop(Kind kind) {
        ClaimLoop claims =
                new ClaimLoop(gateway, retry, () -> claim(kind), kind == Kind.TRAIN ? this::train : runner::run);
        try {
            if (kind == Kind.TRAIN && settings.once()) {
                claims.runOne();
            } else {
                claims.run();
            }
        } catch (Refused | RuntimeException e) {
            failure = e;
        } catch (InterruptedException e) {
            LOG.debug("The {} loop ends", kind);
        } finally {
            over.countDown();
        }
    }

    private void train(Task task) throws InterruptedException {
        training = true;
        try {
            runner.run(task);
        } finally {
            training = false;
        }
        if (stopping) {
            throw new InterruptedException("the worker stops");
        }
    }

    private ClaimRequest claim(Kind kind) {
        return new ClaimRequest(
                settings.workerId(),
                kind,
                baseModels.usable(),
                settings.device(),
                settings.memoryBytes(),
                inferenceUrl,
                inferenceToken,
                CLAIM_WAIT_SECONDS);
    }

    private static String url(InetSocketAddress address, int port) {
        String host = address.getHostString();
        return "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, port);
    }
}

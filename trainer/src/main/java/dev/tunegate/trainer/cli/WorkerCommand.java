package dev.tunegate.trainer.cli;

import dev.tunegate.trainer.torch.Torch;
import dev.tunegate.trainer.worker.Worker;
import dev.tunegate.trainer.worker.WorkerSettings;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code worker}: takes jobs from a gateway and answers its chat requests. */
@Command(
        name = "worker",
        description = "Train a gateway's jobs and answer its chat requests.",
        mixinStandardHelpOptions = true)
final class WorkerCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerCommand.class);

    /** Docker and Kubernetes kill at 10 and 30 s after SIGTERM. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--gateway",
            paramLabel = "URL",
            defaultValue = "${env:TUNEGATE_GATEWAY:-http://localhost:8080}",
            description = "The gateway [TUNEGATE_GATEWAY] (default: ${DEFAULT-VALUE}).")
    private URI gateway = URI.create("http://localhost:8080");

    // The value itself is never shown, so the help names the variable instead of the default.
    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            defaultValue = "${env:TUNEGATE_WORKER_TOKEN:-}",
            description = "The worker token; better given as TUNEGATE_WORKER_TOKEN, where other users cannot see it.")
    private String token = "";

    @Option(
            names = "--worker-id",
            paramLabel = "ID",
            defaultValue = "${env:TUNEGATE_WORKER_ID:-}",
            description =
                    "This worker's name, unique among the gateway's workers [TUNEGATE_WORKER_ID] (default: random).")
    private String workerId = "";

    @Mixin
    private DirectoryOptions directories = new DirectoryOptions();

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "${env:TUNEGATE_WORKER_HOST:-127.0.0.1}",
            description =
                    "Where the worker's own chat server listens [TUNEGATE_WORKER_HOST] (default: ${DEFAULT-VALUE}).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:TUNEGATE_WORKER_PORT:-0}",
            description = "Its port; 0 takes a free one [TUNEGATE_WORKER_PORT] (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--inference-url",
            paramLabel = "URL",
            defaultValue = "${env:TUNEGATE_WORKER_INFERENCE_URL:-}",
            description =
                    "How the gateway reaches the chat server, where that is not http://HOST:PORT [TUNEGATE_WORKER_INFERENCE_URL].")
    private String inferenceUrl = "";

    @Option(
            names = "--work-dir",
            paramLabel = "DIR",
            defaultValue = "${env:TUNEGATE_WORK_DIR:-${sys:java.io.tmpdir}}",
            description = "Where running tasks keep their files [TUNEGATE_WORK_DIR] (default: ${DEFAULT-VALUE}).")
    private Path workDir = Path.of(".");

    @Option(
            names = "--once",
            defaultValue = "${env:TUNEGATE_WORKER_ONCE:-false}",
            description = "Stop after one training job [TUNEGATE_WORKER_ONCE].")
    private boolean once;

    @Option(
            names = "--exit-with-parent",
            defaultValue = "${env:TUNEGATE_WORKER_EXIT_WITH_PARENT:-false}",
            description =
                    "Exit when standard input ends, so that no worker outlives the process that started it [TUNEGATE_WORKER_EXIT_WITH_PARENT].")
    private boolean exitWithParent;

    private volatile boolean parentIsGone;

    @Override
    public Integer call() throws Exception {
        if (token.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "no worker token: set TUNEGATE_WORKER_TOKEN or give --token");
        }
        if (gateway.getHost() == null || !String.valueOf(gateway.getScheme()).matches("https?")) {
            throw new ParameterException(
                    spec.commandLine(), "--gateway " + gateway + " is not a URL such as http://localhost:8080");
        }
        if (exitWithParent) {
            exitWhenInputEnds();
        }
        compute.apply();
        WorkerSettings settings = new WorkerSettings(
                workerId.isEmpty() ? UUID.randomUUID().toString() : workerId,
                gateway,
                token,
                directories.all(),
                compute.type(),
                Torch.device().toString(),
                ComputeOptions.memoryBytes(),
                new InetSocketAddress(host, port),
                inferenceUrl.isEmpty() ? null : URI.create(inferenceUrl),
                workDir,
                once);
        try (Worker worker = new Worker(settings)) {
            stopAtExit(worker);
            worker.run();
        }
        return 0;
    }

    private void stopAtExit(Worker worker) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                worker.stop(parentIsGone ? Duration.ofSeconds(1) : PATIENCE);
                            } catch (InterruptedException e) {
                                // The process ends anyway; the gateway notices by the lease.
                                Thread.currentThread().interrupt();
                            }
                        },
                        "stop"));
    }

    private void exitWhenInputEnds() {
        Thread watchdog = new Thread(
                () -> {
                    try {
                        System.in.transferTo(OutputStream.nullOutputStream());
                    } catch (IOException e) {
                        LOG.debug("Standard input broke", e);
                    }
                    // Nobody is there to save anything at once the parent is gone.
                    parentIsGone = true;
                    System.exit(0);
                },
                "parent-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }
}

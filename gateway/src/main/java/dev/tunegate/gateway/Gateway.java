package dev.tunegate.gateway;

import dev.tunegate.gateway.api.ApiServer;
import dev.tunegate.gateway.api.ChatResource;
import dev.tunegate.gateway.api.Contract;
import dev.tunegate.gateway.api.FilesResource;
import dev.tunegate.gateway.api.FineTuningJobsResource;
import dev.tunegate.gateway.api.HealthResource;
import dev.tunegate.gateway.api.ModelsResource;
import dev.tunegate.gateway.api.Operation;
import dev.tunegate.gateway.api.StoredCompletionsResource;
import dev.tunegate.gateway.backend.FineTunedModels;
import dev.tunegate.gateway.backend.InferenceServers;
import dev.tunegate.gateway.backend.ModelCatalog;
import dev.tunegate.gateway.backend.ModelPlaces;
import dev.tunegate.gateway.capture.Capture;
import dev.tunegate.gateway.capture.CompletionStore;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.EmbeddedDatabase;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.DirectoryBlobStore;
import dev.tunegate.gateway.files.FileStore;
import dev.tunegate.gateway.files.UnusedBlobs;
import dev.tunegate.gateway.forwarding.ForwardedJobs;
import dev.tunegate.gateway.forwarding.Forwarder;
import dev.tunegate.gateway.forwarding.Hosts;
import dev.tunegate.gateway.inference.ChatRelay;
import dev.tunegate.gateway.inference.Targets;
import dev.tunegate.gateway.jobs.CheckpointStore;
import dev.tunegate.gateway.jobs.EventLog;
import dev.tunegate.gateway.jobs.JobStore;
import dev.tunegate.gateway.security.Authentication;
import dev.tunegate.gateway.security.Keys;
import dev.tunegate.gateway.security.Secret;
import dev.tunegate.gateway.serving.ModelStates;
import dev.tunegate.gateway.serving.Servings;
import dev.tunegate.gateway.worker.Leases;
import dev.tunegate.gateway.worker.WorkerResource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running gateway: the database, the blob store, the HTTP server and the trainers that it looks after. */
public final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);
    private static final Duration STEP_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration DRAIN = Duration.ofSeconds(3);
    private static final Duration EXPIRY_INTERVAL = Duration.ofMinutes(10);

    /**
     * Vert.x looks for files on the class path, too, and copies them to a directory which its own shutdown hook removes
     * at once: from then on it opens no file at all, although workers are still bringing theirs.
     */
    private static final VertxOptions OPTIONS = new VertxOptions()
            .setFileSystemOptions(
                    new FileSystemOptions().setClassPathResolvingEnabled(false).setFileCachingEnabled(false));

    /** What has been started, to be stopped in the opposite order. */
    private final Deque<Stop> started = new ArrayDeque<>();

    private final GatewayOptions options;
    private int port;

    @FunctionalInterface
    private interface Stop {
        void run() throws Exception;
    }

    private Gateway(GatewayOptions options) {
        this.options = options;
    }

    /** Starts everything; when one thing fails, what was started before is stopped again. */
    public static Gateway start(GatewayOptions options) throws StartupFailure {
        Gateway gateway = new Gateway(options);
        try {
            gateway.start();
            return gateway;
        } catch (StartupFailure e) {
            gateway.close();
            throw e;
        } catch (Exception e) {
            gateway.close();
            throw new StartupFailure("The gateway did not start: " + e.getMessage(), e);
        }
    }

    private void start() throws Exception {
        DataDirectory directory = DataDirectory.open(options.dataDir());
        started.push(directory::close);
        String databaseUrl = options.databaseUrl() != null ? options.databaseUrl() : startPostgres(directory);
        Vertx vertx = Vertx.vertx(OPTIONS);
        started.push(() -> await(vertx.close()));
        Database database = await(Database.open(vertx, databaseUrl));
        started.push(() -> await(database.close()));
        Capture capture = Capture.open(vertx, database);
        started.push(() -> await(capture.close()));
        Keys keys = new Keys(database);
        requireKeysOutsideLoopback(keys);
        BlobStore blobs = await(DirectoryBlobStore.open(vertx, directory.blobs()));
        FileStore files = new FileStore(database, blobs);
        UnusedBlobs unused = new UnusedBlobs(database, blobs);
        vertx.setPeriodic(
                EXPIRY_INTERVAL.toMillis(),
                timer -> files.deleteExpired()
                        .compose(deleted -> unused.removeOrphans(Instant.now()))
                        .onFailure(failure -> log.warn("Expired files were not deleted; they will be", failure)));
        Servings servings = Servings.start(vertx, database, blobs, directory.serving(), options.serving());
        started.push(() -> await(servings.close()));
        Hosts hosts = new Hosts(vertx, options.routes());
        Forwarder forwarder = new Forwarder(vertx, database, blobs, hosts);
        started.push(() -> await(forwarder.close()));
        WorkerResource worker = new WorkerResource(vertx, database, files, blobs);
        Contract contract = Contract.load();
        String workerToken = Secret.newKey();
        ApiServer server = new ApiServer(
                vertx,
                contract,
                List.of(
                        contract.operations(),
                        new HealthResource(database.pool()).operations(),
                        new FilesResource(files, blobs, options.maxUploadBytes()).operations(),
                        worker.operations(),
                        new StoredCompletionsResource(new CompletionStore(database)).operations(),
                        modelOperations(vertx, database, unused, servings, hosts, capture)),
                new Authentication(keys, workerToken));
        listen(server);
        started.push(() -> await(worker.close())); // before the server: it has workers waiting for an answer
        startTrainers(workerToken, new Leases(database));
    }

    private String startPostgres(DataDirectory directory) throws IOException {
        EmbeddedDatabase postgres = EmbeddedDatabase.start(directory.postgres());
        started.push(postgres::close);
        return postgres.url();
    }

    /** Jobs, models and chat: all of them ask which base models there are. */
    private Map<String, Operation> modelOperations(
            Vertx vertx, Database database, UnusedBlobs unused, Servings servings, Hosts hosts, Capture capture)
            throws IOException {
        ModelRoutes routes = options.routes();
        ModelCatalog baseModels = ModelCatalog.scan(database, options.allModelsDirs());
        FineTunedModels fineTuned = new FineTunedModels(database, unused);
        InferenceServers workers = new InferenceServers(database);
        ModelPlaces places = new ModelPlaces(database, baseModels, routes);
        ForwardedJobs forwarded = new ForwardedJobs(database, hosts);
        FineTuningJobsResource jobs = new FineTuningJobsResource(
                new JobStore(database),
                new EventLog(database),
                new CheckpointStore(database),
                forwarded,
                places,
                routes);
        Map<String, Operation> operations = new HashMap<>(jobs.operations());
        operations.putAll(
                new ModelsResource(baseModels, fineTuned, routes, places, new ModelStates(servings, workers), forwarded)
                        .operations());
        operations.putAll(
                new ChatResource(routes, new Targets(places, servings, workers), new ChatRelay(vertx), capture)
                        .operations());
        return operations;
    }

    private void requireKeysOutsideLoopback(Keys keys) throws StartupFailure {
        boolean loopback;
        try {
            loopback = InetAddress.getByName(options.host()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new StartupFailure(
                    "The host '" + options.host() + "' is unknown; --host takes an address of this" + " machine.", e);
        }
        if (!loopback && !await(keys.required())) {
            throw new StartupFailure(
                    "Refusing to listen on " + options.host() + " without API keys: whoever reaches this machine could"
                            + " use it. Create one first with `tunegate keys create`, or listen on 127.0.0.1.",
                    null);
        }
    }

    private void listen(ApiServer server) throws StartupFailure {
        try {
            HttpServer http = await(server.listen(options.host(), options.port()));
            started.push(() -> await(http.shutdown(DRAIN.toMillis(), TimeUnit.MILLISECONDS)));
            port = http.actualPort();
        } catch (Exception e) { // await throws what the future failed with: a BindException as a rule
            throw new StartupFailure(
                    "Cannot listen on " + options.host() + ":" + options.port() + ": " + reason(e)
                            + ". Choose another port with --port; 0 takes any that is free.",
                    e);
        }
    }

    private void startTrainers(String token, Leases leases) throws StartupFailure {
        String flavor = Objects.requireNonNullElse(System.getenv("PYTORCH_FLAVOR"), "");
        List<String> devices = TrainerDevices.of(
                options.trainers(), options.device(), () -> GpuList.ask(flavor, TrainerCommand.devices()));
        int threads = TrainerDevices.threads(devices, Runtime.getRuntime().availableProcessors());
        List<TrainerProcess> trainers = new ArrayList<>();
        started.push(() -> TrainerProcess.stop(trainers));
        for (String device : devices) {
            trainers.add(TrainerProcess.start(
                    "trainer-" + (trainers.size() + 1),
                    TrainerCommand.worker(url(), options, device, threads),
                    token,
                    workerId -> leases.release(workerId)
                            .onFailure(failure -> log.warn("The jobs of {} wait for its lease to run out", workerId))));
        }
    }

    /** Where the server listens, for example http://127.0.0.1:8080; clients add /v1. */
    public URI url() {
        String host = options.host();
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        String name = any ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
        return URI.create("http://" + name + ":" + port);
    }

    public int port() {
        return port;
    }

    /** Stops the trainers, finishes what is being answered, then closes the rest. A second call does nothing. */
    @Override
    public synchronized void close() {
        while (!started.isEmpty()) {
            try {
                started.pop().run();
            } catch (Exception e) { // the others are to be stopped all the same
                log.warn("While stopping: {}", e.toString());
            }
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.await(STEP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("no answer within " + STEP_TIMEOUT.toSeconds() + " s", e);
        }
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }
}

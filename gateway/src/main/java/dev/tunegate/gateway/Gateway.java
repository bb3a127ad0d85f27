package dev.tunegate.gateway;

import dev.tunegate.gateway.api.ChatResource;
import dev.tunegate.gateway.api.FilesResource;
import dev.tunegate.gateway.api.FineTuningJobsResource;
import dev.tunegate.gateway.api.HealthResource;
import dev.tunegate.gateway.api.ModelsResource;
import dev.tunegate.gateway.api.StoredCompletionsResource;
import dev.tunegate.gateway.capture.Capture;
import dev.tunegate.gateway.config.ProjectLimits;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.EmbeddedDatabase;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.DirectoryBlobStore;
import dev.tunegate.gateway.files.FileSweeper;
import dev.tunegate.gateway.forwarding.Forwarder;
import dev.tunegate.gateway.forwarding.Hosts;
import dev.tunegate.gateway.http.ApiServer;
import dev.tunegate.gateway.http.Contract;
import dev.tunegate.gateway.jobs.Hyperparameters;
import dev.tunegate.gateway.models.ModelCatalog;
import dev.tunegate.gateway.models.ModelPlaces;
import dev.tunegate.gateway.quotas.ChatSlots;
import dev.tunegate.gateway.quotas.ProjectQuotas;
import dev.tunegate.gateway.quotas.RequestRates;
import dev.tunegate.gateway.security.Authentication;
import dev.tunegate.gateway.security.Keys;
import dev.tunegate.gateway.security.Secret;
import dev.tunegate.gateway.serving.EnginePool;
import dev.tunegate.gateway.worker.Leases;
import dev.tunegate.gateway.worker.WorkerResource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running gateway: the database, the blob store, the HTTP server and the trainers that it looks after. */
public final class Gateway implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

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
    private @Nullable HttpListener listener;

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

    /** The contract first, because it costs nothing and may be wrong; then the ground, then what works by itself, then one line for each resource. */
    private void start() throws Exception {
        Contract contract = Contract.load();
        Hyperparameters hyperparameters = Hyperparameters.of(contract.schema("Hyperparameters"));
        DataDirectory directory = DataDirectory.open(options.dataDir(), options.sharedDirs());
        started.push(directory::close);
        String databaseUrl = options.databaseUrl() != null ? options.databaseUrl() : startPostgres(directory);
        Vertx vertx = closing(Vertx.vertx(OPTIONS), Vertx::close);
        Database database = closing(Await.result(Database.open(vertx, databaseUrl)), Database::close);
        Keys keys = new Keys(database);
        HttpListener.requireKeysOutsideLoopback(options.host(), keys);
        BlobStore blobs = Await.result(DirectoryBlobStore.open(vertx, directory.blobs(), options.minFreeBytes()));
        FileSweeper.start(vertx, database, blobs);

        Capture capture = closing(Capture.open(vertx, database), Capture::close);
        EnginePool engines = closing(
                EnginePool.start(
                        vertx,
                        database,
                        blobs,
                        directory.serving(),
                        options.minFreeBytes(),
                        options.serving(),
                        options.lookEvery()),
                EnginePool::close);
        Hosts hosts = new Hosts(vertx, options.routes());
        closing(new Forwarder(vertx, database, blobs, hosts, hyperparameters, options.lookEvery()), Forwarder::close);
        ModelCatalog catalog = ModelCatalog.scan(database, options.allModelsDirs());
        ModelPlaces places = new ModelPlaces(database, catalog, options.routes());

        ProjectLimits limits = options.projectLimits();
        ProjectQuotas quotas = new ProjectQuotas(limits);
        ChatSlots slots = new ChatSlots(limits.openChats());
        RequestRates rates = new RequestRates(limits.requestsPerMinute(), System::nanoTime);
        WorkerResource worker = new WorkerResource(vertx, database, blobs);
        String workerToken = Secret.newKey();
        ApiServer server = new ApiServer(
                vertx,
                contract,
                List.of(
                        new HealthResource(database),
                        new FilesResource(database, blobs, options.maxUploadBytes(), quotas),
                        FineTuningJobsResource.of(database, hosts, places, options.routes(), hyperparameters, quotas),
                        ModelsResource.of(database, blobs, catalog, places, engines, hosts, options.routes()),
                        ChatResource.of(vertx, database, places, engines, capture, options.routes(), slots),
                        StoredCompletionsResource.of(database),
                        worker),
                new Authentication(keys, workerToken, rates));
        HttpListener http = closing(HttpListener.open(server, options.host(), options.port()), HttpListener::close);
        listener = http;
        closing(worker, WorkerResource::close); // it ends before the server does, which has workers waiting
        Trainers trainers = new Trainers(TrainerList.open(directory.trainers()), new Leases(database));
        started.push(trainers::stop);
        trainers.start(options, http.url(), workerToken);
    }

    /** Has a thing that was started closed in its turn. */
    private <T> T closing(T thing, Function<T, Future<Void>> close) {
        started.push(() -> Await.result(close.apply(thing)));
        return thing;
    }

    private String startPostgres(DataDirectory directory) throws IOException {
        EmbeddedDatabase postgres = EmbeddedDatabase.start(directory.postgres());
        started.push(postgres::close);
        return postgres.url();
    }

    /** The URL at which the server listens, for example http://127.0.0.1:8080; clients add /v1. */
    public URI url() {
        return listener().url();
    }

    public int port() {
        return listener().port();
    }

    private HttpListener listener() {
        return Objects.requireNonNull(listener, "the gateway has not started");
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
}

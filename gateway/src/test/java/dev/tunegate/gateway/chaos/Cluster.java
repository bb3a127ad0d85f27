package dev.tunegate.gateway.chaos;

import static dev.tunegate.gateway.db.Await.await;

import dev.tunegate.gateway.ChildJvm;
import dev.tunegate.gateway.chaos.Link.Mode;
import dev.tunegate.gateway.cli.Main;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.security.ApiKey;
import dev.tunegate.gateway.security.Keys;
import io.vertx.core.Vertx;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A whole Tunegate out of real parts: Postgres, gateways and trainers, each a process, which reach each other over links
 * that can be broken. The gateways have a directory of blobs in common.
 */
final class Cluster implements Closeable {
    static final String MODEL = "tunegate-starter";

    /** In the directory of a run. */
    static final String DISK = "disk";

    private static final Path MODELS = Path.of(System.getProperty("tunegate.home", ".."), "trainer", "models");
    private static final Pattern LISTENS = Pattern.compile("Tunegate listens on http://127\\.0\\.0\\.1:(\\d+)/v1, .*");

    /** Quick to start: none of these processes lives for long. */
    private static final List<String> JVM = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m");

    /** Lost workers are noticed soon enough for a run of seconds. */
    private static final String SHORT_LEASES = """
            create or replace function worker_lease() returns interval
                language sql immutable as $$ select interval '10 seconds' $$""";

    private static final int MIN_FREE_MEGABYTES = 8;

    private final Topology topology;
    private final Path directory;
    private final Path postgresBinaries;
    private final Map<String, Link> links = new HashMap<>();
    private final Map<String, Service> services = new HashMap<>();

    /** What has been started, to be stopped in the opposite order. */
    private final Deque<Closeable> started = new ArrayDeque<>();

    private Disk disk;
    private Server server;

    private Cluster(Topology topology, Path directory, Path postgresBinaries) {
        this.topology = topology;
        this.directory = directory;
        this.postgresBinaries = postgresBinaries;
    }

    static Cluster start(Topology topology, Path directory, Path postgresBinaries) throws IOException {
        Cluster cluster = new Cluster(topology, directory, postgresBinaries);
        try {
            cluster.start();
            return cluster;
        } catch (IOException | RuntimeException | AssertionError e) {
            cluster.close();
            throw e;
        }
    }

    private void start() throws IOException {
        disk = closing(new Disk(Files.createDirectories(directory).resolve(DISK)));
        Files.createDirectories(blobs());
        server = closing(new Server(postgresBinaries, directory.resolve("cluster")));
        String token = prepareDatabase();
        for (String gateway : topology.gateways()) {
            startGateway(gateway);
        }
        topology.workers().forEach(worker -> startWorker(worker, token));
    }

    private <T extends Closeable> T closing(T thing) {
        started.push(thing);
        return thing;
    }

    /** The workers' key. */
    private String prepareDatabase() {
        Vertx vertx = Vertx.vertx();
        Database database = openDatabase(vertx);
        await(database.pool().query(SHORT_LEASES).execute());
        Audit.install(database);
        String token = await(new Keys(database).create("default", "chaos", ApiKey.Kind.WORKER))
                .secret();
        await(vertx.close());
        return token;
    }

    private void startGateway(String name) throws IOException {
        Path data = Files.createDirectories(directory.resolve(name));
        Files.createSymbolicLink(data.resolve("blobs"), blobs());
        Files.writeString(data.resolve("tunegate.yaml"), "limits: {min_free_mb: " + minFreeMegabytes(name) + "}\n");
        Link toDatabase = link(Topology.wayToDatabase(name), server::port);
        AtomicInteger port = new AtomicInteger();
        link(Topology.wayOfClients(name), port::get);
        ProcessBuilder command = ChildJvm.command(Main.class.getName(), JVM, List.of("serve"));
        command.environment()
                .putAll(Map.of(
                        "TUNEGATE_PORT", "0",
                        "TUNEGATE_TRAINERS", "0",
                        "TUNEGATE_MODELS_DIR", MODELS.toString(),
                        "TUNEGATE_DATA_DIR", data.toString(),
                        "TUNEGATE_DATABASE_URL", databaseUrl(toDatabase.port())));
        command.redirectError(log(name));
        services.put(
                name,
                closing(new Service(
                        name,
                        command,
                        line -> {
                            Matcher listens = LISTENS.matcher(line);
                            if (listens.matches()) {
                                port.set(Integer.parseInt(listens.group(1)));
                            }
                        },
                        () -> port.set(0))));
    }

    /** One writes until the disk is full, the others stop before it is. */
    private int minFreeMegabytes(String gateway) {
        return topology.gateways().indexOf(gateway) == 0 ? 0 : MIN_FREE_MEGABYTES;
    }

    private void startWorker(String name, String token) {
        Link clients = links.get(Topology.wayOfClients(topology.gatewayOf(name)));
        Link toGateway = link(topology.wayToGateway(name), clients::target);
        ProcessBuilder command = ChildJvm.command(
                "dev.tunegate.trainer.cli.Main",
                JVM,
                List.of(
                        "worker",
                        "--exit-with-parent",
                        "--gateway",
                        "http://127.0.0.1:" + toGateway.port(),
                        "--worker-id",
                        name,
                        "--models-dir",
                        MODELS.toString(),
                        "--data-dir",
                        directory.resolve(name).toString(),
                        "--device",
                        "cpu",
                        "--threads",
                        "1"));
        command.environment()
                .putAll(Map.of(
                        "TUNEGATE_WORKER_TOKEN", token,
                        "DJL_OFFLINE", "true",
                        "OMP_WAIT_POLICY", "PASSIVE"));
        command.redirectErrorStream(true).redirectOutput(log(name));
        services.put(name, closing(new Service(name, command, line -> {}, () -> {})));
    }

    private Link link(String name, IntSupplier target) {
        Link link = closing(new Link(target));
        links.put(name, link);
        return link;
    }

    private ProcessBuilder.Redirect log(String name) {
        return ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".log").toFile());
    }

    private static String databaseUrl(int port) {
        return "postgres://postgres:postgres@127.0.0.1:" + port + "/postgres";
    }

    /** The gateways as clients reach them. */
    List<URI> gateways() {
        return topology.gateways().stream()
                .map(gateway -> URI.create("http://127.0.0.1:"
                        + links.get(Topology.wayOfClients(gateway)).port()))
                .toList();
    }

    Path blobs() {
        return directory.resolve(DISK).resolve("blobs");
    }

    boolean canFillItsDisk() {
        return disk.canBeFilled();
    }

    /** The database itself, past all links. */
    Database openDatabase(Vertx vertx) {
        return await(Database.open(vertx, databaseUrl(server.port())));
    }

    void begin(Fault fault) throws IOException, InterruptedException {
        switch (fault.kind()) {
            case KILL -> service(fault).kill();
            case FREEZE -> service(fault).freeze();
            case CUT -> link(fault).set(Mode.CUT);
            case HALF_OPEN -> link(fault).set(Mode.HALF_OPEN);
            case SLOW -> link(fault).set(Mode.SLOW);
            case FILL -> disk.fill();
            case RESTART -> server.stop();
            case CRASH -> server.crash();
        }
    }

    void end(Fault fault) throws IOException, InterruptedException {
        switch (fault.kind()) {
            case KILL -> service(fault).revive();
            case FREEZE -> service(fault).thaw();
            case CUT, HALF_OPEN, SLOW -> link(fault).set(Mode.OPEN);
            case FILL -> disk.free();
            case RESTART, CRASH -> server.start();
        }
    }

    private Service service(Fault fault) {
        return Objects.requireNonNull(services.get(fault.target()), fault.target());
    }

    private Link link(Fault fault) {
        return Objects.requireNonNull(links.get(fault.target()), fault.target());
    }

    @Override
    public void close() throws IOException {
        services.values().forEach(Service::kill); // at once, and then one after the other
        while (!started.isEmpty()) {
            started.pop().close();
        }
    }
}

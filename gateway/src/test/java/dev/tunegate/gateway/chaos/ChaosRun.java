package dev.tunegate.gateway.chaos;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tunegate.gateway.Eventually;
import dev.tunegate.gateway.db.Database;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out a plan on a cluster and then looks whether anything that matters was lost, doubled, stuck or broken. */
final class ChaosRun {
    private static final Logger LOG = LoggerFactory.getLogger(ChaosRun.class);
    private static final Path TARGET = Path.of("target", "chaos").toAbsolutePath();

    /** Until a cluster that has just been started works; a machine may have much else to do. */
    private static final Duration START_WITHIN = Duration.ofMinutes(5);

    /** Until a gateway is well again whose troubles are over: half a minute, and as much again on a busy machine. */
    private static final Duration WELL_WITHIN = Duration.ofMinutes(1);

    /** Until what was ordered is done once the troubles are over. */
    private static final Duration DONE_WITHIN = Duration.ofMinutes(3);

    private final Plan plan;
    private final Scale scale;
    private final Path directory;
    private final Ledger ledger = new Ledger();

    private ChaosRun(Plan plan, Scale scale) {
        this.plan = plan;
        this.scale = scale;
        this.directory = TARGET.resolve((scale.equals(Scale.SHORT) ? "short-" : "seed-") + plan.seed());
    }

    /** Fails with everything that did not hold, the plan, and where the logs are. */
    static void of(long seed, Scale scale) throws Exception {
        new ChaosRun(Plan.of(seed, scale), scale).run();
    }

    private void run() throws Exception {
        Disk.release(directory.resolve(Cluster.DISK));
        delete(directory);
        List<String> findings;
        try (Cluster cluster = Cluster.start(scale.topology(), directory, TARGET.resolve("postgres"))) {
            Plan possible = cluster.canFillItsDisk() ? plan : plan.without(Fault.Kind.FILL);
            LOG.info("{}", possible);
            PatientClient client = new PatientClient(cluster.gateways(), ledger);
            awaitModel(new PatientClient(cluster.gateways(), ledger, START_WITHIN));
            ExecutorService customers = Executors.newCachedThreadPool();
            try {
                findings = run(possible, cluster, client, customers);
            } finally {
                customers.shutdownNow();
            }
        }
        assertThat(findings).as("%s%nIts logs are in %s", plan, directory).isEmpty();
        delete(directory);
    }

    private void awaitModel(PatientClient client) {
        try {
            Eventually.until(
                    START_WITHIN,
                    "a worker has come with its model",
                    () -> client.get("/v1/models").body(),
                    models -> models.contains(Cluster.MODEL));
        } catch (AssertionError e) {
            throw new AssertionError(
                    "The cluster does not work before anything breaks; its logs are in " + directory, e);
        }
    }

    private List<String> run(Plan possible, Cluster cluster, PatientClient client, ExecutorService customers)
            throws Exception {
        List<URI> gateways = cluster.gateways();
        List<Future<?>> served = new ArrayList<>();
        for (Order order : possible.orders()) {
            Customer customer = new Customer(order, client, gateways.get(order.number() / 2 % gateways.size()), ledger);
            served.add(customers.submit(() -> {
                new Timeline().await(order.at());
                customer.serve();
                return null;
            }));
        }
        AtomicBoolean isOver = new AtomicBoolean();
        served.add(customers.submit(() -> new Uploader(client, ledger).goOn(new Random(possible.seed()), isOver::get)));
        Timeline timeline = new Timeline();
        for (Timeline.Moment moment : Timeline.of(possible.faults())) {
            timeline.await(moment.at());
            LOG.info("{} {}", moment.isBegin() ? "begins:" : "ends:  ", moment.fault());
            if (moment.isBegin()) {
                cluster.begin(moment.fault());
            } else {
                cluster.end(moment.fault());
            }
        }
        isOver.set(true);
        List<String> findings = new ArrayList<>(requireWell(gateways));
        for (Future<?> one : served) {
            try {
                one.get();
            } catch (ExecutionException e) {
                LOG.warn("A customer was not served", e.getCause());
                findings.add("a customer was not served: " + e.getCause().getMessage());
            }
        }
        findings.addAll(check(cluster, client));
        return findings;
    }

    /** Each gateway by itself, which has to be well without anyone's help. */
    private List<String> requireWell(List<URI> gateways) {
        List<String> findings = new ArrayList<>();
        for (URI gateway : gateways) {
            long start = System.nanoTime();
            try {
                new PatientClient(List.of(gateway), ledger, WELL_WITHIN).get("/health/ready");
            } catch (AssertionError e) {
                findings.add("the gateway at " + gateway + " is not well: " + e.getMessage());
            }
            LOG.info("{} is well after {} ms", gateway, (System.nanoTime() - start) / 1_000_000);
        }
        return findings;
    }

    private List<String> check(Cluster cluster, PatientClient client) throws IOException {
        Vertx vertx = Vertx.vertx();
        try {
            Database database = cluster.openDatabase(vertx);
            Records records = new Records(database);
            awaitEnds(records);
            List<String> findings = new ArrayList<>(new Promises(client, ledger, records).findings());
            findings.addAll(records.findings());
            findings.addAll(new Blobs(cluster.blobs()).findings(records.bytes(), plan.killsAGateway()));
            LOG.info("{}", records.column("select status || ': ' || count(*) from jobs group by status"));
            return findings;
        } finally {
            await(vertx.close());
        }
    }

    /** What has not ended by then is one of the findings, among which it is easier understood than alone. */
    private static void awaitEnds(Records records) {
        try {
            Eventually.until(
                    DONE_WITHIN,
                    "all jobs have ended",
                    () -> records.column("select id from jobs where finished_at is null"),
                    List::isEmpty);
        } catch (AssertionError e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}

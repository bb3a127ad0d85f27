package dev.tunegate.gateway.bench;

import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Attacks a gateway of its own in all ways at once, and asks it meanwhile whether it is well. The attackers are in the same
 * process: what they take of its processors is charged to the gateway.
 */
public final class AttackBench {
    private static final int HEALTH_PER_SECOND = 20;
    private static final int WARM_UP_SECONDS = 2;
    /** How long those who have not been answered yet are still waited for. */
    private static final int LAST_ANSWERS_SECONDS = 5;

    private final int seconds;
    private final Consumer<String> progress;

    public AttackBench(int seconds, Consumer<String> progress) {
        this.seconds = seconds;
        this.progress = progress;
    }

    /**
     * Runs it all. Blocks.
     *
     * @param dataDir a new directory for the gateway
     * @param newKey makes an API key in the database below it
     */
    public AttackBenchResult run(Path dataDir, ProxyBench.KeyMaker newKey) throws Exception {
        Vertx vertx = Vertx.vertx();
        try (Gateway gateway = Gateway.start(GatewayOptions.in(dataDir))) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port());
            List<Attack> attacks = Attacks.all(address, newKey.make(dataDir));
            HttpClient http = vertx.createHttpClient();
            RequestOptions health =
                    new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(gateway.url() + "/health/live");
            OpenLoop load = new OpenLoop(vertx, HEALTH_PER_SECOND);
            HeapWatch heap = new HeapWatch();
            progress.accept("warming up");
            load.run(WARM_UP_SECONDS, () -> isWell(http, health));
            long before = heap.now();
            progress.accept("attacking for " + seconds + " s");
            long watch = vertx.setPeriodic(200, tick -> heap.look());
            List<Thread> attackers = start(attacks);
            Latencies latencies = load.run(seconds, () -> isWell(http, health));
            for (Attack attack : attacks) {
                attack.stop();
            }
            vertx.cancelTimer(watch);
            awaitEnd(attackers);
            return new AttackBenchResult(
                    seconds,
                    Runtime.getRuntime().availableProcessors(),
                    answers(attacks),
                    latencies,
                    HeapWatch.max(),
                    before,
                    heap.most(),
                    heap.now());
        } finally {
            await(vertx.close());
        }
    }

    private static void awaitEnd(List<Thread> attackers) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LAST_ANSWERS_SECONDS);
        for (Thread attacker : attackers) {
            attacker.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
    }

    private static List<Thread> start(List<Attack> attacks) {
        List<Thread> threads = new ArrayList<>();
        for (Attack attack : attacks) {
            Thread thread = new Thread(attack::run, attack.name());
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        return threads;
    }

    private static Map<String, Map<String, Integer>> answers(List<Attack> attacks) {
        Map<String, Map<String, Integer>> all = new TreeMap<>();
        for (Attack attack : attacks) {
            Map<String, Integer> sum = all.computeIfAbsent(attack.name(), name -> new TreeMap<>());
            attack.answers().forEach((status, count) -> sum.merge(status, count, Integer::sum));
        }
        return all;
    }

    private static Future<Long> isWell(HttpClient http, RequestOptions health) {
        return http.request(health)
                .compose(request -> request.send())
                .compose(answer -> answer.body()
                        .compose(body -> answer.statusCode() == 200
                                ? Future.succeededFuture(System.nanoTime())
                                : Future.failedFuture("status " + answer.statusCode())));
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }
}

package dev.tunegate.gateway.bench;

import dev.tunegate.gateway.Gateway;
import dev.tunegate.gateway.GatewayOptions;
import dev.tunegate.gateway.bench.ProxyBenchResult.Comparison;
import dev.tunegate.gateway.bench.ProxyBenchResult.Round;
import dev.tunegate.gateway.config.Glob;
import dev.tunegate.gateway.config.ModelRoutes;
import dev.tunegate.gateway.config.Purpose;
import dev.tunegate.gateway.config.Upstream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sends chat requests to a host directly, and to the same host through a gateway with keys and Postgres, in alternation.
 * Client, host, gateway and Postgres share this machine: the host's own work is next to nothing, the gateway's is all
 * there.
 */
public final class ProxyBench {
    private static final int LONGEST_WARM_UP_SECONDS = 10;

    private final int perSecond;
    private final int seconds;
    private final int rounds;
    private final boolean isStored;
    private final Consumer<String> progress;

    /**
     * A measurement.
     *
     * @param isStored whether the gateway is to keep the answers
     */
    public ProxyBench(int perSecond, int seconds, int rounds, boolean isStored, Consumer<String> progress) {
        this.perSecond = perSecond;
        this.seconds = seconds;
        this.rounds = rounds;
        this.isStored = isStored;
        this.progress = progress;
    }

    /**
     * Runs it all. Blocks.
     *
     * @param dataDir a new directory for the gateway
     * @param newKey makes an API key in the database below it
     */
    public ProxyBenchResult run(Path dataDir, KeyMaker newKey) throws Exception {
        Vertx vertx = Vertx.vertx();
        try {
            String upstream =
                    "http://127.0.0.1:" + await(InstantUpstream.listen(vertx)).actualPort() + "/v1";
            ModelRoutes routes = new ModelRoutes(Map.of(), List.of(entry(upstream)));
            try (Gateway gateway = Gateway.start(GatewayOptions.in(dataDir).withRoutes(routes))) {
                String key = newKey.make(dataDir);
                OpenLoop load = new OpenLoop(vertx, perSecond);
                ChatClient direct = new ChatClient(vertx, upstream, key, false);
                ChatClient through = new ChatClient(vertx, gateway.url() + "/v1", key, isStored);
                warmUp(load, direct, through);
                Comparison whole = compare("whole answers", load, ChatClient::whole, direct, through);
                Comparison first = compare("first byte of streams", load, ChatClient::firstByte, direct, through);
                return new ProxyBenchResult(
                        perSecond, seconds, Runtime.getRuntime().availableProcessors(), whole, first);
            }
        } finally {
            await(vertx.close());
        }
    }

    /** Makes an API key for the gateway on a directory, and gives its secret. */
    @FunctionalInterface
    public interface KeyMaker {
        String make(Path dataDir) throws Exception;
    }

    private static Upstream entry(String url) {
        return new Upstream(
                "bench",
                URI.create(url),
                "sk-bench-0123456789",
                List.of(new Glob("gpt-*")),
                EnumSet.allOf(Purpose.class),
                null,
                null,
                Duration.ofMinutes(1),
                0);
    }

    private void warmUp(OpenLoop load, ChatClient direct, ChatClient through) throws InterruptedException {
        progress.accept("warming up");
        int enough = Math.min(seconds, LONGEST_WARM_UP_SECONDS);
        for (ChatClient client : List.of(direct, through)) {
            load.run(enough, client::whole);
            load.run(enough, client::firstByte);
        }
    }

    private Comparison compare(
            String what,
            OpenLoop load,
            Function<ChatClient, Future<Long>> request,
            ChatClient direct,
            ChatClient through)
            throws InterruptedException {
        List<Round> done = new ArrayList<>();
        for (int i = 1; i <= rounds; i++) {
            progress.accept(what + ", round " + i + " of " + rounds);
            Latencies without = load.run(seconds, () -> request.apply(direct));
            done.add(new Round(without, load.run(seconds, () -> request.apply(through))));
        }
        return Comparison.of(done);
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }
}

package dev.tunegate.gateway.bench;

import static dev.tunegate.gateway.db.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenLoopTest {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        await(vertx.close());
    }

    @Test
    void percentilesAreOfTheNearestRank() {
        long[] nanos = new long[200];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = (200 - i) * 1_000_000L;
        }
        Latencies latencies = Latencies.of(nanos, 3);
        assertThat(latencies.p50Ms()).isEqualTo(100);
        assertThat(latencies.p99Ms()).isEqualTo(198);
        assertThat(latencies.maxMs()).isEqualTo(200);
        assertThat(latencies.answers()).isEqualTo(200);
        assertThat(latencies.failed()).isEqualTo(3);
    }

    @Test
    void requestsThatWaitForASlowOneAreSlowThemselves() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        Latencies latencies = new OpenLoop(vertx, 100)
                .run(
                        1,
                        () -> asked.incrementAndGet() == 1
                                ? vertx.timer(300, TimeUnit.MILLISECONDS).map(later -> blocked())
                                : Future.succeededFuture(System.nanoTime()));
        assertThat(latencies.answers()).isEqualTo(100);
        // While the event loop stood still for 300 ms some 30 requests were due, and waited 150 ms in the middle.
        assertThat(latencies.maxMs()).isGreaterThanOrEqualTo(550);
        assertThat(latencies.p90Ms()).isGreaterThan(100);
    }

    private static long blocked() {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(300);
        while (System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        return System.nanoTime();
    }

    @Test
    void failuresAreCountedAndNotTimed() throws InterruptedException {
        Latencies latencies = new OpenLoop(vertx, 200).run(1, () -> Future.failedFuture("no"));
        assertThat(latencies.failed()).isEqualTo(200);
        assertThat(latencies.answers()).isZero();
        assertThat(latencies.p50Ms()).isNaN();
    }
}

package dev.tunegate.gateway.bench;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Load at a steady rate, whatever the answers do: each request is sent when it is due, and its time counts from then on. A
 * server that stalls is charged for all who wait meanwhile (G. Tene, How NOT to Measure Latency: coordinated omission).
 */
final class OpenLoop {
    private static final long PATIENCE_SECONDS = 30;

    private final Context context;
    private final int perSecond;

    OpenLoop(Vertx vertx, int perSecond) {
        this.context = vertx.getOrCreateContext();
        this.perSecond = perSecond;
    }

    /**
     * Sends for so long, and waits for the answers. Blocks.
     *
     * @param request sends one; its future's value is the {@link System#nanoTime} at which what is measured was there
     */
    Latencies run(int seconds, Supplier<Future<Long>> request) throws InterruptedException {
        int count = perSecond * seconds;
        long[] nanos = new long[count];
        AtomicInteger answered = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch open = new CountDownLatch(count);
        long begin = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
        for (int i = 0; i < count; i++) {
            long due = begin + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
            waitUntil(due);
            context.runOnContext(now -> request.get().onComplete(done -> {
                if (done.succeeded()) {
                    nanos[answered.getAndIncrement()] = done.result() - due;
                } else {
                    failed.incrementAndGet();
                }
                open.countDown();
            }));
        }
        if (!open.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            failed.addAndGet((int) open.getCount());
        }
        return Latencies.of(Arrays.copyOf(nanos, answered.get()), failed.get());
    }

    private static void waitUntil(long due) {
        long left = due - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = due - System.nanoTime();
        }
    }
}

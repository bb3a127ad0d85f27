package dev.tunegate.trainer.inference;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after answers that take their time. The gateway takes a worker that is silent for ten seconds for gone, whatever it
 * computes meanwhile.
 */
final class Heartbeat implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

    private final Duration interval;
    private final Executor threads;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * A heart that beats once in an interval.
     *
     * @param threads do what there is to do, each on its own: a client that reads nothing holds one of them up
     */
    Heartbeat(Duration interval, Executor threads) {
        this.interval = interval;
        this.threads = threads;
    }

    Duration interval() {
        return interval;
    }

    /** Has something done at every beat from now on, until that is cancelled. */
    ScheduledFuture<?> each(Runnable beat) {
        return clock.scheduleWithFixedDelay(
                () -> {
                    try {
                        threads.execute(beat);
                    } catch (RejectedExecutionException e) {
                        log.debug("The server closes, its answers are about to end", e);
                    }
                },
                interval.toNanos(),
                interval.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}

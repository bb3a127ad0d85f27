package dev.tunegate.trainer.worker;

import dev.tunegate.trainer.training.Directive;
import dev.tunegate.trainer.worker.GatewayException.StaleAttempt;
import dev.tunegate.trainer.worker.GatewayException.Unavailable;
import dev.tunegate.trainer.worker.Protocol.DirectiveAnswer;
import dev.tunegate.trainer.worker.Protocol.Event;
import dev.tunegate.trainer.worker.Protocol.Progress;
import dev.tunegate.trainer.worker.Protocol.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the lease of one task and carries its events to the gateway, from a thread of its own. Events wait here while
 * the gateway is away; a batch whose answer was lost is sent again under the same number.
 */
final class TaskReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskReporter.class);
    private static final int MAX_BATCH = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final GatewayClient gateway;
    private final Task task;
    private final Duration interval;
    private final Backoff backoff;
    private final Thread thread;

    // All below are guarded by this.
    private final List<Event> pending = new ArrayList<>();
    private long firstPending = 1;
    private @Nullable Map<String, Number> hyperparameters;
    private @Nullable Long trainedTokens;
    private @Nullable Long remainingSeconds;
    private Directive directive = Directive.CONTINUE;
    private Lease lease;
    private @Nullable StaleAttempt lost;
    private boolean hurried;
    private boolean closed;

    TaskReporter(GatewayClient gateway, Task task, Duration interval, Retry retry) {
        this.gateway = gateway;
        this.task = task;
        this.interval = interval;
        this.backoff = retry.backoff();
        this.lease = Lease.ofSeconds(task.leaseSeconds());
        this.thread = new Thread(this::run, "lease-" + task.jobId());
        thread.setDaemon(true);
        thread.start();
    }

    synchronized void report(Event event) {
        pending.add(event);
    }

    synchronized void hyperparameters(Map<String, Number> numbers) {
        hyperparameters = numbers;
    }

    synchronized void advanced(long trainedTokens, Duration remaining) {
        this.trainedTokens = trainedTokens;
        this.remainingSeconds = remaining.toSeconds();
    }

    /** What the gateway wants; CANCEL also when the task is no longer ours. */
    synchronized Directive directive() {
        return lost != null ? Directive.CANCEL : directive;
    }

    /** Waits until all events reported so far have arrived; those of a cancelled job are of no use to anybody. */
    synchronized void flush() throws StaleAttempt, InterruptedException {
        long target = firstPending + pending.size();
        while (lost == null && directive != Directive.CANCEL && firstPending < target) {
            hurried = true;
            notifyAll();
            wait();
        }
        throwIfLost();
    }

    /** Fails once the lease went to somebody else. */
    synchronized void throwIfLost() throws StaleAttempt {
        if (lost != null) {
            throw lost;
        }
    }

    /** Notes what another call of this task, such as a checkpoint's commit, brought back. */
    synchronized void received(DirectiveAnswer answer) {
        lease = lease.renewed(answer.leaseSeconds());
        if (answer.directive() != Directive.CONTINUE) {
            directive = answer.directive();
        }
    }

    /** Stops renewing the lease; what is still pending is not sent. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        thread.interrupt();
    }

    private void run() {
        try {
            while (!isOver()) {
                pause(post());
            }
        } catch (InterruptedException e) {
            // close() was called; nobody waits for this thread.
            LOG.debug("No longer renewing the lease of {}", task.jobId());
        }
    }

    /** Sends what is pending; returns how long to wait before the next time. */
    private Duration post() throws InterruptedException {
        Progress progress = batch();
        try {
            DirectiveAnswer answer = gateway.progress(task.jobId(), progress, withinLease(PATIENCE));
            backoff.reset();
            delivered(progress, answer);
            return withinLease(interval);
        } catch (Unavailable e) {
            Duration wait = withinLease(backoff.next());
            LOG.warn("{}; the task goes on, its events wait (next try in {} s)", e.getMessage(), wait.toSeconds());
            return wait;
        } catch (StaleAttempt e) {
            lost(e);
            return Duration.ZERO;
        } catch (GatewayException e) {
            LOG.error("Giving up the task of {}", task.jobId(), e);
            lost(new StaleAttempt("The gateway refuses reports about " + task.jobId()));
            return Duration.ZERO;
        }
    }

    private synchronized Progress batch() {
        hurried = false;
        List<Event> events = List.copyOf(pending.subList(0, Math.min(MAX_BATCH, pending.size())));
        return new Progress(task.attempt(), firstPending, events, hyperparameters, trainedTokens, remainingSeconds);
    }

    private synchronized void delivered(Progress progress, DirectiveAnswer answer) {
        pending.subList(0, progress.events().size()).clear();
        firstPending += progress.events().size();
        received(answer);
        notifyAll();
    }

    private synchronized Duration withinLease(Duration wanted) {
        return lease.atMost(wanted);
    }

    private synchronized void lost(StaleAttempt reason) {
        lost = reason;
        notifyAll();
    }

    private synchronized boolean isOver() {
        return closed || lost != null;
    }

    private synchronized void pause(Duration wait) throws InterruptedException {
        long until = System.nanoTime() + wait.toNanos();
        long left = wait.toNanos();
        while (left > 0 && !closed && lost == null && !hurried) {
            wait(left / 1_000_000, (int) (left % 1_000_000));
            left = until - System.nanoTime();
        }
    }
}

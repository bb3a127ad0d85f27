package dev.tunegate.gateway;

import dev.tunegate.gateway.db.Ids;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trainer as a child process, started again whenever it dies. Its standard input is a pipe that it watches: when the
 * gateway dies without a word, the pipe closes and the trainer ends itself.
 */
final class TrainerProcess {
    private static final Logger log = LoggerFactory.getLogger("trainer");
    /** The option that names a trainer. */
    static final String WORKER_ID = "--worker-id";

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final Duration STEADY = Duration.ofMinutes(1);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private final String name;
    private final List<String> command;
    private final String token;
    private final Watcher watcher;
    private final Thread supervisor;
    private boolean stopping;
    private @Nullable Process process;

    /** Hears of each process that a trainer has, by its worker id. */
    interface Watcher {
        /** Is called before the process is there. */
        void starts(String workerId) throws IOException;

        void died(String workerId);
    }

    private TrainerProcess(String name, List<String> command, String token, Watcher watcher) {
        this.name = name;
        this.command = command;
        this.token = token;
        this.watcher = watcher;
        this.supervisor = new Thread(this::supervise, name);
    }

    /**
     * Starts a trainer.
     *
     * @param command a worker id is added to it at every start
     */
    static TrainerProcess start(String name, List<String> command, String token, Watcher watcher) {
        TrainerProcess trainer = new TrainerProcess(name, command, token, watcher);
        trainer.supervisor.setDaemon(true);
        trainer.supervisor.start();
        return trainer;
    }

    private void supervise() {
        Duration pause = FIRST_PAUSE;
        while (true) {
            String workerId = name + "-" + Ids.random("", 8);
            long begin = System.nanoTime();
            String end = run(workerId);
            if (end == null) {
                return;
            }
            watcher.died(workerId);
            boolean wasSteady = System.nanoTime() - begin > STEADY.toNanos();
            pause = wasSteady ? FIRST_PAUSE : pause;
            log.warn("{} {}; starting it again in {} ms", name, end, pause.toMillis());
            if (!sleep(pause)) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** Runs one process to its end. Returns how it ended, or null when that was wanted. */
    private @Nullable String run(String workerId) {
        try {
            Process running = launch(workerId);
            if (running == null) {
                return null;
            }
            ChildLog childLog = new ChildLog(log, name);
            try (BufferedReader lines = running.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    childLog.line(line);
                }
            }
            int status = running.waitFor();
            return isStopping() ? null : "ended with status " + status;
        } catch (IOException e) {
            return isStopping() ? null : "failed: " + e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private synchronized @Nullable Process launch(String workerId) throws IOException {
        if (stopping) {
            return null;
        }
        List<String> line = new ArrayList<>(command);
        line.add(WORKER_ID);
        line.add(workerId);
        watcher.starts(workerId);
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("TUNEGATE_WORKER_TOKEN", token); // everyone could read it on the command line
        prepare(builder.environment());
        process = builder.start();
        return process;
    }

    /** Sets what libtorch is to find in a trainer's environment. */
    static void prepare(Map<String, String> environment) {
        // Its threads would otherwise spin while they wait, on processors that this process and Postgres need too.
        environment.putIfAbsent("OMP_WAIT_POLICY", "PASSIVE");
        // The launcher has found it, and why it is wanted is written there.
        String malloc = environment.getOrDefault("TUNEGATE_MALLOC", "");
        if (!malloc.isEmpty()) {
            environment.putIfAbsent("LD_PRELOAD", malloc);
        }
        // These replace this process's own, which suit it and not libtorch.
        String tunables = environment.getOrDefault("TUNEGATE_TRAINER_TUNABLES", "");
        if (!tunables.isEmpty()) {
            environment.put("GLIBC_TUNABLES", tunables);
        }
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /** Waits. The result is false when the pause was cut short because this is to stop. */
    private synchronized boolean sleep(Duration pause) {
        long until = System.nanoTime() + pause.toNanos();
        try {
            for (long left = pause.toMillis(); !stopping && left > 0; left = millisUntil(until)) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return !stopping;
    }

    private static long millisUntil(long nanoTime) {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime());
    }

    /** Asks trainers to end, all at once, and ends by force those that take too long. */
    static void stop(List<TrainerProcess> trainers) throws InterruptedException {
        trainers.forEach(TrainerProcess::ask);
        for (TrainerProcess trainer : trainers) {
            trainer.awaitEnd();
        }
    }

    private synchronized void ask() {
        stopping = true;
        notifyAll();
        if (process != null) {
            // The process's own destroy() would close the pipes, too. Then the trainer would take us for dead and save
            // nothing, and its last words would be lost.
            process.toHandle().destroy();
        }
    }

    private void awaitEnd() throws InterruptedException {
        Process running;
        synchronized (this) {
            running = process;
        }
        if (running != null && !running.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
            log.warn("{} does not stop; killing it", name);
            running.destroyForcibly().waitFor();
        }
        supervisor.join(STOP_WITHIN.toMillis());
    }
}

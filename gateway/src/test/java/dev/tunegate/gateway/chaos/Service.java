package dev.tunegate.gateway.chaos;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A process that is started again whenever it ends, as a service manager does it. */
final class Service implements Closeable {
    private static final Duration RESTART_AFTER = Duration.ofMillis(500);

    private final ProcessBuilder command;
    private final Consumer<String> onLine;
    private final Runnable onEnd;
    private final Thread supervisor;
    private @Nullable Process process;
    private boolean isKeptDown;
    private boolean isClosed;

    /**
     * Starts it.
     *
     * @param onLine hears each line of its standard output
     * @param onEnd runs whenever the process has ended
     */
    Service(String name, ProcessBuilder command, Consumer<String> onLine, Runnable onEnd) {
        this.command = command;
        this.onLine = onLine;
        this.onEnd = onEnd;
        supervisor = new Thread(this::supervise, name);
        supervisor.setDaemon(true);
        supervisor.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::end));
    }

    private void supervise() {
        try {
            for (Process running = launch(); running != null; running = launch()) {
                try (BufferedReader lines = running.inputReader(StandardCharsets.UTF_8)) {
                    lines.lines().forEach(onLine);
                }
                running.waitFor();
                onEnd.run();
                Thread.sleep(RESTART_AFTER.toMillis());
            }
        } catch (IOException e) {
            throw new AssertionError(supervisor.getName() + " cannot be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next process, as soon as there is to be one; null when there is none any more. */
    private synchronized @Nullable Process launch() throws IOException, InterruptedException {
        while (isKeptDown && !isClosed) {
            wait();
        }
        process = isClosed ? null : command.start();
        return process;
    }

    /** As the kernel ends it when memory runs out; it stays down until {@link #revive}. */
    synchronized void kill() {
        isKeptDown = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    synchronized void revive() {
        isKeptDown = false;
        notifyAll();
    }

    void freeze() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private synchronized void signal(String signal) throws IOException, InterruptedException {
        if (process != null && process.isAlive()) {
            new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    private synchronized void end() {
        isClosed = true;
        notifyAll();
        if (process != null) {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        end();
        try {
            supervisor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

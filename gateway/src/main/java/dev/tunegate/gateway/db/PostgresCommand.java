package dev.tunegate.gateway.db;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One of Postgres's programs, run to its end. As root it runs in a user namespace, because Postgres refuses to be root. */
final class PostgresCommand {
    private static final int LINES_KEPT = 8;
    private static final Duration NAMESPACE_CHECK = Duration.ofSeconds(10);

    private final List<String> line = new ArrayList<>();
    private final Deque<String> output = new ArrayDeque<>();

    PostgresCommand(PostgresBinaries binaries, String program, List<String> arguments) {
        if (isRoot()) {
            line.addAll(List.of("unshare", "-U"));
        }
        line.add(binaries.program(program).toString());
        line.addAll(arguments);
    }

    /** @throws IOException with the last lines of what it has said, when it fails or takes longer */
    void run(Duration longest) throws IOException {
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        process.getOutputStream().close();
        // It ends with the process and not with the output, which a server that is started here keeps open.
        Thread reader = new Thread(() -> read(process), "postgres-output");
        reader.setDaemon(true);
        reader.start();
        boolean hasEnded = ends(process, longest);
        if (!hasEnded) {
            process.destroyForcibly();
        }
        if (!hasEnded || process.exitValue() != 0) {
            String reason = hasEnded ? "status " + process.exitValue() : "no end within " + longest.toSeconds() + " s";
            throw new IOException(reason + said(reader));
        }
    }

    private static boolean ends(Process process, Duration longest) throws IOException {
        try {
            return process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while Postgres was starting", e);
        }
    }

    private void read(Process process) {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                synchronized (output) {
                    output.add(text);
                    if (output.size() > LINES_KEPT) {
                        output.remove();
                    }
                }
            }
        } catch (IOException e) {
            return; // the process has ended
        }
    }

    private String said(Thread reader) throws IOException {
        try {
            reader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while Postgres was starting", e);
        }
        synchronized (output) {
            return output.isEmpty() ? "" : "; Postgres says: " + String.join(" | ", output);
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** @throws IOException for the person at the terminal, where Postgres cannot run as this user */
    static void requireUser() throws IOException {
        if (isRoot() && !hasNamespaces()) {
            throw new IOException("The embedded Postgres cannot run as root here, because this system gives out no user"
                    + " namespaces. Run as an ordinary user, or name a Postgres server with --database-url.");
        }
    }

    private static boolean hasNamespaces() {
        try {
            Process check = new ProcessBuilder("unshare", "-U", "true")
                    .redirectErrorStream(true)
                    .start();
            return ends(check, NAMESPACE_CHECK) && check.exitValue() == 0;
        } catch (IOException e) { // there is no such program
            return false;
        }
    }
}

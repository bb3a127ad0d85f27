package dev.tunegate.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A disk that a test fills: a tmpfs that a child process has mounted where only it can see it, which needs no root, and
 * which everybody else reaches through /proc. Where the system gives nobody namespaces, it is a directory of the machine's
 * own disk with a floor a little below what is free there.
 */
public final class SmallDisk implements AutoCloseable {
    private static final int MEGABYTES = 20;
    private static final String FILLING = "filling";

    /** The room above the floor where nothing was mounted, and what fills it: others use that disk, too. */
    private static final long MARGIN = 40L << 20;

    private final Process mounter;
    private final Path path;
    private final long keptFree;

    /** @param scratch a directory for what is no disk of its own */
    public SmallDisk(Path scratch) {
        try {
            mounter = new ProcessBuilder(
                            "unshare",
                            "--map-root-user",
                            "--mount",
                            "sh",
                            "-c",
                            "mount -t tmpfs -o size=" + MEGABYTES + "m tmpfs /mnt && echo mounted && exec cat")
                    .redirectErrorStream(true)
                    .start();
            BufferedReader said = mounter.inputReader(StandardCharsets.UTF_8);
            boolean isMounted = "mounted".equals(said.readLine());
            path = isMounted ? Path.of("/proc/" + mounter.pid() + "/root/mnt") : scratch;
            keptFree = isMounted ? 0 : scratch.toFile().getUsableSpace() - MARGIN;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return path;
    }

    /** What a gateway on this disk is to leave free. */
    public long keptFree() {
        return keptFree;
    }

    /** Leaves no room at all. */
    public void fill() {
        Path filling = path.resolve(FILLING);
        try {
            if (keptFree == 0) {
                byte[] zeros = new byte[1 << 12];
                try (var out = Files.newOutputStream(filling)) {
                    while (true) {
                        out.write(zeros);
                    }
                }
            }
            run("fallocate", "--length", Long.toString(2 * MARGIN), filling.toString());
        } catch (IOException full) { // as it is to be
            return;
        }
    }

    public void free() {
        try {
            Files.delete(path.resolve(FILLING));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(String... command) throws IOException {
        try {
            int status = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (status != 0) {
                throw new AssertionError(String.join(" ", command) + " ended with " + status);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        mounter.destroyForcibly();
    }
}

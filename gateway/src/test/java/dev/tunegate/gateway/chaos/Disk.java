package dev.tunegate.gateway.chaos;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The disk with the blobs: a small one of its own that can be filled, where this user may mount one (root on Linux). */
final class Disk implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Disk.class);
    private static final int MEGABYTES = 64;

    private final Path directory;
    private final boolean isOfItsOwn;

    Disk(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        isOfItsOwn = run("mount", "-t", "tmpfs", "-o", "size=" + MEGABYTES + "m", "tmpfs", directory.toString());
        if (!isOfItsOwn) {
            LOG.warn("No disk is filled in this run: only root can mount a small one");
        }
    }

    /** Takes away the disk that a run left there which was killed. */
    static void release(Path directory) throws IOException {
        if (Files.exists(directory)) {
            run("umount", directory.toString()); // which fails where there is none
        }
    }

    /** Whether it is a disk of its own, and nobody else's files are on it. */
    boolean canBeFilled() {
        return isOfItsOwn;
    }

    /** Takes every byte that is free. */
    void fill() throws IOException {
        if (!isOfItsOwn) {
            throw new IllegalStateException("Others have files on this disk");
        }
        byte[] block = new byte[4096];
        try (OutputStream filling = Files.newOutputStream(filling())) {
            for (long written = 0; written < MEGABYTES * 1024L * 1024; written += block.length) {
                filling.write(block);
            }
        } catch (IOException e) {
            LOG.debug("The disk is full: {}", e.getMessage());
        }
    }

    void free() throws IOException {
        Files.deleteIfExists(filling());
    }

    private Path filling() {
        return directory.resolve("filling");
    }

    private static boolean run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor() == 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted by the end of the run", e);
        }
    }

    @Override
    public void close() throws IOException {
        if (isOfItsOwn && !run("umount", directory.toString())) {
            throw new IOException("The disk at " + directory + " is still in use");
        }
    }
}

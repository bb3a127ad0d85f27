package dev.tunegate.gateway.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/** What makes a name outlive a power failure: the directory that has it is flushed as its file is. Blocks. */
public final class Durable {
    private Durable() {}

    /** Gives a file or directory another name, in one step and for good. What it holds is flushed already. */
    public static void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        flush(Objects.requireNonNull(to.toAbsolutePath().getParent()));
    }

    /** Flushes the names in a directory. */
    public static void flush(Path directory) throws IOException {
        try (FileChannel names = FileChannel.open(directory, StandardOpenOption.READ)) {
            names.force(true);
        }
    }
}

package dev.tunegate.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The worker ids of the trainers that were started on a data directory and whose leases nobody has given back yet, kept in a
 * file: a gateway that is killed can give nothing back, and the next one on the directory does it in its place.
 */
final class TrainerList {
    private final Path file;
    private final Set<String> ids;

    private TrainerList(Path file, Set<String> ids) {
        this.file = file;
        this.ids = ids;
    }

    /** Reads the list; where there is no file, it is empty. */
    static TrainerList open(Path file) throws IOException {
        Set<String> ids = new LinkedHashSet<>();
        if (Files.exists(file)) {
            Files.readAllLines(file).stream().filter(line -> !line.isBlank()).forEach(ids::add);
        }
        return new TrainerList(file, ids);
    }

    synchronized List<String> ids() {
        return List.copyOf(ids);
    }

    /** Is called before the trainer starts, so that none is ever missing. */
    synchronized void add(String workerId) throws IOException {
        ids.add(workerId);
        write();
    }

    synchronized void remove(String workerId) throws IOException {
        if (ids.remove(workerId)) {
            write();
        }
    }

    private void write() throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, String.join("\n", ids), StandardCharsets.UTF_8);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }
}

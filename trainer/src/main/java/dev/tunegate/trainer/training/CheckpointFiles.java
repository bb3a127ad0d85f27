package dev.tunegate.trainer.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The files of one training: checkpoint-N directories, of which the last three and the best are kept, and resume.zip. */
final class CheckpointFiles {
    private static final int KEPT = 3;
    private static final String PREFIX = "checkpoint-";

    private final Path dir;

    CheckpointFiles(Path dir) {
        this.dir = dir;
    }

    Path dir() {
        return dir;
    }

    Path checkpoint(int step) {
        return dir.resolve(PREFIX + step);
    }

    Path resume() {
        return dir.resolve("resume.zip");
    }

    /** @param best the step of a checkpoint that stays however old it is */
    void dropOldCheckpoints(int best) throws IOException {
        List<Path> newestFirst;
        try (Stream<Path> entries = Files.list(dir)) {
            newestFirst = entries.filter(entry -> entry.getFileName().toString().matches(PREFIX + "\\d+"))
                    .sorted(Comparator.comparingInt(CheckpointFiles::step).reversed())
                    .toList();
        }
        for (Path old : newestFirst.subList(Math.min(KEPT, newestFirst.size()), newestFirst.size())) {
            if (step(old) != best) {
                deleteTree(old);
            }
        }
    }

    /** Copies a checkpoint's files. */
    void copyCheckpoint(int step, Path target) throws IOException {
        Files.createDirectories(target);
        try (Stream<Path> entries = Files.list(checkpoint(step))) {
            for (Path file : entries.toList()) {
                Files.copy(file, target.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** A directory for the parts of a resume state, gone when closed. */
    Scratch scratch() throws IOException {
        return new Scratch(Files.createTempDirectory(Files.createDirectories(dir), "resume-"));
    }

    private static int step(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().substring(PREFIX.length()));
    }

    private static void deleteTree(Path root) throws IOException {
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    record Scratch(Path path) implements AutoCloseable {
        @Override
        public void close() {
            try {
                deleteTree(path);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + path, e);
            }
        }
    }
}

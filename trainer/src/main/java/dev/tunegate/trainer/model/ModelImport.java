package dev.tunegate.trainer.model;

import dev.tunegate.trainer.checkpoint.DiskFull;
import dev.tunegate.trainer.checkpoint.InvalidCheckpoint;
import dev.tunegate.trainer.checkpoint.ModelDirectory;
import dev.tunegate.trainer.text.ChatTemplate;
import dev.tunegate.trainer.text.Tokenizer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Takes a Hugging Face directory into a models directory: checked first, and only the files that are read. */
public final class ModelImport {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}");
    private static final Pattern FILES = Pattern.compile("(config|generation_config|tokenizer|tokenizer_config"
            + "|special_tokens_map|added_tokens|vocab|model\\.safetensors\\.index)\\.json"
            + "|chat_template\\.jinja|merges\\.txt|[A-Za-z0-9._-]+\\.safetensors");

    private static final long MEGABYTE = 1 << 20;
    private static final Pattern BLOB = Pattern.compile(".*/models--[^/]+/blobs/[0-9a-f]{40,64}");

    private ModelImport() {}

    /**
     * Copies a model; the copy appears under its name when it is complete.
     *
     * @param models the directory to copy it into
     * @param id the model's name there
     * @return the new directory
     * @throws InvalidCheckpoint when the model cannot be used, with the reason
     */
    public static Path copy(Path source, Path models, String id) throws IOException {
        if (!NAME.matcher(id).matches()) {
            throw new InvalidCheckpoint(
                    "'%s' cannot be a model's name: use up to 96 letters, digits, dots, dashes and underscores"
                            .formatted(id));
        }
        for (Path file : filesOf(source)) {
            requireOwn(source, file);
        }
        check(source);
        Path target = models.resolve(id);
        if (Files.exists(target)) {
            throw new FileAlreadyExistsException(target.toString());
        }
        Files.createDirectories(models);
        List<Path> files = filesOf(source);
        requireRoom(files, models);
        Path partial = Files.createTempDirectory(models, ".import-");
        try {
            for (Path file : files) {
                Path copy = Files.copy(file, partial.resolve(file.getFileName()));
                flush(copy, StandardOpenOption.WRITE);
            }
            flush(partial, StandardOpenOption.READ);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            flush(models, StandardOpenOption.READ);
        } catch (IOException e) {
            throw DiskFull.is(e) ? new IOException(models + ": the disk is full; nothing was imported", e) : e;
        } finally {
            deleteIfThere(partial);
        }
        return target;
    }

    /** Fails before anything is copied, rather than behind gigabytes. */
    private static void requireRoom(List<Path> files, Path models) throws IOException {
        long needed = 0;
        for (Path file : files) {
            needed += Files.size(file);
        }
        long free = models.toFile().getUsableSpace();
        if (needed > free && models.toFile().getTotalSpace() > 0) { // no total: nobody can tell
            throw new IOException("%s: the model has %d MB, and its disk has %d MB free; make room and import it again"
                    .formatted(models, megabytes(needed), free / MEGABYTE));
        }
    }

    private static long megabytes(long bytes) {
        return (bytes + MEGABYTE - 1) / MEGABYTE;
    }

    /** Has a file's bytes, or a directory's names, outlive a power failure. */
    private static void flush(Path path, StandardOpenOption access) throws IOException {
        try (FileChannel channel = FileChannel.open(path, access)) {
            channel.force(true);
        }
    }

    /**
     * Refuses links, which would have a file read and copied that only looks like the model's. Those of a Hugging Face cache
     * lead to its blobs.
     */
    private static void requireOwn(Path source, Path file) throws IOException {
        Path real = file.toRealPath();
        boolean isBlob = BLOB.matcher(real.toString()).matches();
        if (!isBlob && !real.startsWith(source.toRealPath())) {
            throw new InvalidCheckpoint(
                    file + " is a link that leads out of the model's directory. Copy the file there instead.");
        }
    }

    private static void check(Path source) throws IOException {
        try (ModelDirectory files = ModelDirectory.open(source)) {
            WeightFiles.check(files, new WeightLayout(files.config()));
        }
        ChatTemplate.load(source);
        Tokenizer.load(source).close();
    }

    private static List<Path> filesOf(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Files::isRegularFile)
                    .filter(file -> FILES.matcher(file.getFileName().toString()).matches())
                    .toList();
        }
    }

    private static void deleteIfThere(Path directory) throws IOException {
        if (Files.exists(directory)) {
            for (Path file : filesOf(directory)) {
                Files.delete(file);
            }
            Files.delete(directory);
        }
    }
}

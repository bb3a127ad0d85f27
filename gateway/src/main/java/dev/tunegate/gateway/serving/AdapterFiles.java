package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.db.Sha256;
import dev.tunegate.gateway.files.BlobStore;
import dev.tunegate.gateway.files.DiskSpace;
import dev.tunegate.gateway.files.Durable;
import dev.tunegate.gateway.files.PartFile;
import dev.tunegate.gateway.http.StorageFull;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Adapters as directories of PEFT's two files, as engines read them. A directory appears whole under its name or not at
 * all, and nothing but our own random names becomes a path.
 */
final class AdapterFiles {
    private static final Pattern NAME = Pattern.compile("tunegate-[a-z0-9]{24}(\\.gguf)?");
    /** The only files that are taken out of a stored adapter, and the most bytes that each may have. */
    private static final Map<String, Long> FILES =
            new TreeMap<>(Map.of("adapter_config.json", 1L << 20, "adapter_model.safetensors", 16L << 30));

    private static final String ZIP = "adapter.zip";

    private final Vertx vertx;
    private final BlobStore blobs;
    private final Path directory;
    private final DiskSpace disk;

    /** @param keptFree how many bytes of the directory's disk are left free */
    AdapterFiles(Vertx vertx, BlobStore blobs, Path directory, long keptFree) {
        this.vertx = vertx;
        this.blobs = blobs;
        this.directory = directory;
        this.disk = new DiskSpace(directory, keptFree);
    }

    /**
     * One of an adapter's files.
     *
     * @param digest as Ollama names bytes: sha256:…
     */
    record AdapterFile(String name, Path path, String digest) {}

    /** Lays an adapter ready under a name, unless it lies there already. */
    Future<Void> provide(String name, String blob) {
        Path target = path(name);
        return blocking(() -> Files.isDirectory(target))
                .compose(there -> there ? Future.succeededFuture() : copy(name, blob));
    }

    private Future<Void> copy(String name, String blob) {
        Path part = directory.resolve("." + name);
        return blocking(() -> {
                    delete(part); // a gateway that was killed has left it
                    return Files.createDirectories(part);
                })
                .compose(made -> download(blob, part.resolve(ZIP)))
                .compose(zip -> blocking(() -> unpack(part, path(name))))
                .<Void>mapEmpty()
                .eventually(() -> blocking(() -> delete(part)));
    }

    private Future<Void> download(String blob, Path zip) {
        return blobs.read(blob)
                .recover(failure -> Future.failedFuture(
                        failure instanceof BlobStore.NoSuchBlob
                                ? EngineProblem.passing("its adapter has just been deleted")
                                : failure))
                .compose(content -> PartFile.create(vertx, zip, disk)
                        .onFailure(failure -> content.close())
                        .compose(content::pipeTo))
                .recover(failure -> Future.failedFuture(unwritable(failure)));
    }

    private boolean unpack(Path part, Path target) throws IOException {
        try (ZipFile zip = new ZipFile(part.resolve(ZIP).toFile())) {
            for (Map.Entry<String, Long> file : FILES.entrySet()) {
                unpack(zip, file.getKey(), file.getValue(), part.resolve(file.getKey()));
            }
        }
        Files.delete(part.resolve(ZIP));
        SharedPermissions.give(part);
        Durable.flush(part);
        Durable.rename(part, target);
        return true;
    }

    /** Counts what it reads: the size that an entry claims to have proves nothing. */
    private void unpack(ZipFile zip, String name, long most, Path file) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new ZipException("it has no " + name);
        }
        try (InputStream in = zip.getInputStream(entry);
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            byte[] buffer = new byte[1 << 16];
            long left = most;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                left -= read;
                if (left < 0) {
                    throw new ZipException(name + " in it has more than " + most + " bytes");
                }
                disk.require(read);
                out.write(buffer, 0, read);
            }
            channel.force(true);
        }
    }

    /** The files of an adapter that has been laid ready. */
    Future<List<AdapterFile>> list(String name) {
        Path adapter = path(name);
        return blocking(() -> {
            List<AdapterFile> files = new ArrayList<>();
            for (String file : FILES.keySet()) {
                Path path = adapter.resolve(file);
                files.add(new AdapterFile(file, path, digest(path)));
            }
            return files;
        });
    }

    private static String digest(Path file) throws IOException {
        MessageDigest sha256 = Sha256.begin();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return "sha256:" + Sha256.hex(sha256);
    }

    /** Whether there is a file of this name, which somebody else has made. */
    Future<Boolean> exists(String name) {
        Path file = path(name);
        return blocking(() -> Files.isRegularFile(file));
    }

    /** Removes what was laid ready; that nothing is there is no error. */
    Future<Void> remove(String name) {
        Path adapter = path(name);
        return blocking(() -> delete(adapter)).mapEmpty();
    }

    private Path path(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no name of ours: " + name);
        }
        return directory.resolve(name);
    }

    /** Removes what we have put there; somebody else's file in it keeps the directory. */
    private static boolean delete(Path adapter) throws IOException {
        for (String file :
                Stream.concat(FILES.keySet().stream(), Stream.of(ZIP)).toList()) {
            Files.deleteIfExists(adapter.resolve(file));
        }
        try {
            return Files.deleteIfExists(adapter);
        } catch (DirectoryNotEmptyException e) {
            return false;
        }
    }

    private <T> Future<T> blocking(Callable<T> work) {
        return vertx.executeBlocking(work, false).recover(failure -> Future.failedFuture(unwritable(failure)));
    }

    private EngineProblem unwritable(Throwable failure) {
        if (failure instanceof EngineProblem known) {
            return known;
        }
        if (StorageFull.is(failure)) {
            return EngineProblem.passing(
                    "its adapter cannot be laid ready: the disk of " + directory + " is full; free some room on it");
        }
        return EngineProblem.lasting(
                failure instanceof ZipException
                        ? "the stored adapter is not what it should be: " + failure.getMessage()
                        : "its adapter cannot be laid ready in " + directory + ": " + failure);
    }
}

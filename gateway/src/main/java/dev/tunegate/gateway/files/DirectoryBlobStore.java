package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.DirectoryTree;
import dev.tunegate.gateway.db.Ids;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.FileSystemException;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.streams.Pipe;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Blobs as files of one directory, named by the store. A blob is written beside it, in `parts`, flushed to the disk and
 * then renamed, so that a file with a blob's name is always whole.
 */
public final class DirectoryBlobStore implements BlobStore {
    private static final String PREFIX = "blob-";
    private static final int RANDOM_LENGTH = 32;
    private static final Pattern ID = Pattern.compile(PREFIX + "[A-Za-z0-9]{" + RANDOM_LENGTH + "}");
    private static final int READ_BUFFER = 64 * 1024;

    private final Vertx vertx;
    private final Path blobs;
    private final Path parts;

    private DirectoryBlobStore(Vertx vertx, Path directory) {
        this.vertx = vertx;
        this.blobs = directory;
        this.parts = directory.resolve("parts");
    }

    /** Opens the store in a directory that no other process uses, and removes what was being written when it ended. */
    public static Future<BlobStore> open(Vertx vertx, Path directory) {
        DirectoryBlobStore store = new DirectoryBlobStore(vertx, directory);
        return vertx.executeBlocking(() -> {
            DirectoryTree.createPrivate(directory);
            DirectoryTree.createPrivate(store.parts);
            List<Path> abandoned;
            try (Stream<Path> entries = Files.list(store.parts)) {
                abandoned = entries.toList();
            }
            for (Path part : abandoned) {
                Files.delete(part);
            }
            return store;
        });
    }

    @Override
    public Future<Blob> write(ReadStream<Buffer> bytes) {
        Pipe<Buffer> pipe = bytes.pipe().endOnComplete(false);
        String id = Ids.random(PREFIX, RANDOM_LENGTH);
        Path part = parts.resolve(id);
        OpenOptions create = new OpenOptions()
                .setCreateNew(true)
                .setRead(false)
                .setWrite(true)
                .setPerms("rw-------");
        return vertx.fileSystem()
                .open(part.toString(), create)
                .onFailure(failure -> pipe.close())
                .compose(file -> fill(file, pipe))
                .compose(written ->
                        vertx.executeBlocking(() -> publish(part, id)).map(done -> written.blob(id)))
                .recover(failure -> vertx.executeBlocking(() -> Files.deleteIfExists(part))
                        .transform(deleted -> Future.failedFuture(failure)));
    }

    private static Future<DigestingStream> fill(AsyncFile file, Pipe<Buffer> pipe) {
        DigestingStream stream = new DigestingStream(file);
        return pipe.to(stream)
                .compose(end -> file.flush())
                .eventually(file::close)
                .map(closed -> stream);
    }

    /** Gives a blob its name. It is durable when the directory, too, knows the name. */
    private Path publish(Path part, String id) throws IOException {
        Path blob = Files.move(part, blobs.resolve(id), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(blobs, StandardOpenOption.READ)) {
            directory.force(true);
        }
        return blob;
    }

    @Override
    public Future<Content> read(String id) {
        if (!ID.matcher(id).matches()) {
            return Future.failedFuture(new NoSuchBlob(id));
        }
        OpenOptions readOnly = new OpenOptions().setWrite(false).setCreate(false);
        return vertx.fileSystem()
                .open(blobs.resolve(id).toString(), readOnly)
                .compose(
                        file -> file.size()
                                .<Content>map(size -> new OpenFile(file, size))
                                .onFailure(failure -> file.close()),
                        failure -> Future.failedFuture(isMissing(failure) ? new NoSuchBlob(id) : failure));
    }

    @Override
    public Future<Void> delete(String id) {
        if (!ID.matcher(id).matches()) {
            return Future.succeededFuture();
        }
        return vertx.executeBlocking(() -> Files.deleteIfExists(blobs.resolve(id)))
                .mapEmpty();
    }

    @Override
    public Future<List<String>> writtenBefore(Instant time) {
        return vertx.executeBlocking(() -> {
            List<String> ids = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(blobs, this::isBlob)) {
                for (Path entry : entries) {
                    if (Files.getLastModifiedTime(entry).toInstant().isBefore(time)) {
                        ids.add(entry.getFileName().toString());
                    }
                }
            }
            return ids;
        });
    }

    private boolean isBlob(Path entry) {
        return ID.matcher(entry.getFileName().toString()).matches();
    }

    private static boolean isMissing(Throwable failure) {
        return failure instanceof FileSystemException && failure.getCause() instanceof NoSuchFileException;
    }

    private record OpenFile(AsyncFile file, long bytes) implements Content {
        @Override
        public Future<Void> pipeTo(WriteStream<Buffer> to) {
            return file.setReadBufferSize(READ_BUFFER).pipeTo(to).eventually(file::close);
        }

        @Override
        public Future<Void> close() {
            return file.close();
        }
    }
}

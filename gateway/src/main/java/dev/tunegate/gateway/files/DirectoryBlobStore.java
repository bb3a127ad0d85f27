package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.DirectoryTree;
import dev.tunegate.gateway.db.Ids;
import dev.tunegate.gateway.db.Sha256;
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
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as files of one directory, named by the store. A blob is written beside it, in `parts`, flushed to the disk, read
 * back, and then renamed, so that a file with a blob's name is always whole. Gateways that share a database share the
 * directory, too, so what is being written may be another's.
 */
public final class DirectoryBlobStore implements BlobStore {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryBlobStore.class);
    private static final String PREFIX = "blob-";
    private static final int RANDOM_LENGTH = 32;
    private static final Pattern ID = Pattern.compile(PREFIX + "[A-Za-z0-9]{" + RANDOM_LENGTH + "}");
    private static final int READ_BUFFER = 64 * 1024;

    /** So long is nobody silent who still writes: a client that sends nothing is given up far sooner. */
    private static final Duration ABANDONED_AFTER = Duration.ofMinutes(10);

    private final Vertx vertx;
    private final Path blobs;
    private final Path parts;
    private final DiskSpace disk;
    private final PartFile.Creation creation;

    private DirectoryBlobStore(Vertx vertx, Path directory, long keptFree, PartFile.Creation creation) {
        this.vertx = vertx;
        this.blobs = directory;
        this.parts = directory.resolve("parts");
        this.disk = new DiskSpace(directory, keptFree);
        this.creation = creation;
    }

    /**
     * Opens the store. Now and from time to time, for as long as Vert.x runs, it removes what gateways were writing when
     * they ended.
     *
     * @param keptFree how many bytes of the disk the store leaves free
     */
    public static Future<BlobStore> open(Vertx vertx, Path directory, long keptFree) {
        return open(vertx, directory, keptFree, PartFile::onDisk);
    }

    static Future<BlobStore> open(Vertx vertx, Path directory, long keptFree, PartFile.Creation creation) {
        DirectoryBlobStore store = new DirectoryBlobStore(vertx, directory, keptFree, creation);
        return vertx.executeBlocking(() -> {
            DirectoryTree.createPrivate(directory);
            DirectoryTree.createPrivate(store.parts);
            Durable.flush(store.blobs);
            store.removeAbandoned(Instant.now());
            vertx.setPeriodic(
                    ABANDONED_AFTER.toMillis(),
                    timer -> vertx.executeBlocking(() -> store.removeAbandoned(Instant.now()), false)
                            .onFailure(
                                    failure -> LOG.warn("Half-written bytes were not removed; they will be", failure)));
            return store;
        });
    }

    /** How many there were. Other gateways remove them as well, and give names to their own. */
    int removeAbandoned(Instant now) throws IOException {
        int removed = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parts)) {
            for (Path part : entries) {
                try {
                    Instant written = Files.getLastModifiedTime(part).toInstant();
                    if (written.isBefore(now.minus(ABANDONED_AFTER)) && Files.deleteIfExists(part)) {
                        removed++;
                    }
                } catch (NoSuchFileException e) {
                    LOG.debug("{} is no part any more", part);
                }
            }
        }
        return removed;
    }

    @Override
    public Future<Blob> write(ReadStream<Buffer> bytes) {
        Pipe<Buffer> pipe = bytes.pipe().endOnFailure(false);
        String id = Ids.random(PREFIX, RANDOM_LENGTH);
        return PartFile.create(vertx, parts.resolve(id), disk, creation)
                .onFailure(failure -> pipe.close())
                .compose(part -> pipe.to(part)
                        .recover(failure -> part.close().transform(closed -> Future.failedFuture(failure)))
                        .map(ended -> part.blob(id)))
                .compose(blob -> vertx.executeBlocking(() -> publish(blob), false))
                .recover(failure -> vertx.executeBlocking(() -> discard(id), false)
                        .transform(gone -> Future.failedFuture(failure)));
    }

    /** Gives a blob its name. It is durable when the directory, too, knows the name. */
    private Blob publish(Blob blob) throws IOException {
        Path part = parts.resolve(blob.id());
        Blob kept = read(part, blob.id());
        if (!kept.equals(blob)) {
            throw new IOException(part + " has " + kept + " on the disk where " + blob + " was written");
        }
        Durable.rename(part, blobs.resolve(blob.id()));
        return blob;
    }

    /** What is on the disk under a blob's id. */
    private static Blob read(Path file, String id) throws IOException {
        MessageDigest sha256 = Sha256.begin();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            long bytes = in.transferTo(OutputStream.nullOutputStream());
            return new Blob(id, bytes, Sha256.hex(sha256));
        }
    }

    private boolean discard(String id) throws IOException {
        boolean wasPart = Files.deleteIfExists(parts.resolve(id));
        return Files.deleteIfExists(blobs.resolve(id)) || wasPart;
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
    public Future<List<Written>> list() {
        return vertx.executeBlocking(
                () -> {
                    List<Written> all = new ArrayList<>();
                    try (DirectoryStream<Path> entries = Files.newDirectoryStream(blobs, this::isBlob)) {
                        for (Path entry : entries) {
                            all.add(new Written(
                                    entry.getFileName().toString(),
                                    Files.getLastModifiedTime(entry).toInstant()));
                        }
                    }
                    return all;
                },
                false);
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

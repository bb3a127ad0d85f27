package dev.tunegate.gateway.files;

import dev.tunegate.gateway.http.ApiError;
import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room on the disk of a directory. Some of it is kept free: the embedded Postgres is on the same disk, and where it
 * cannot write its log it stops, and all that depends on it.
 */
public final class DiskSpace {
    private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
    private static final long MEGABYTE = 1 << 20;

    private final File directory;
    private final long keptFree;
    private final AtomicBoolean isTold = new AtomicBoolean();

    /** @param keptFree the bytes that nobody gets; 0 for none */
    public DiskSpace(Path directory, long keptFree) {
        this.directory = directory.toFile();
        this.keptFree = keptFree;
    }

    /**
     * Fails when these bytes would leave less free than is kept. Blocks. Whoever writes asks again as it goes on, for
     * others write, too.
     */
    public void require(long bytes) {
        long free = directory.getUsableSpace();
        if (keptFree == 0 || free - bytes >= keptFree || directory.getTotalSpace() == 0) { // no total: nobody can tell
            if (isTold.getAndSet(false)) {
                LOG.info("The disk of {} has room again", directory);
            }
            return;
        }
        if (!isTold.getAndSet(true)) {
            LOG.error(
                    "The disk of {} has {} MB free, and limits.min_free_mb keeps {} of them. What is sent to be stored is"
                            + " refused (507) until there is more: delete files or models, or give it a larger disk",
                    directory,
                    free / MEGABYTE,
                    keptFree / MEGABYTE);
        }
        throw ApiError.storageFull();
    }
}

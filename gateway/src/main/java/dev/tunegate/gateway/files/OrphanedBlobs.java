package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore.Written;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bytes that never got a row, because the gateway was killed between the two. */
public final class OrphanedBlobs {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedBlobs.class);

    /** A blob without a row is left alone for far longer than it takes to record one that has just been written. */
    private static final Duration ORPHANED_AFTER = Duration.ofDays(1);

    /** So many names are asked for in one statement. */
    private static final int AT_ONCE = 1000;

    /** One blob in so many may be without a row, and {@link #FEW} always: killed gateways leave far less. */
    private static final int ONE_IN = 10;

    private static final int FEW = 10;
    private static final int SHOWN = 3;

    private final Database database;
    private final BlobStore blobs;

    public OrphanedBlobs(Database database, BlobStore blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /**
     * Removes the blobs that no row has named for a day. It removes none where the database looks like another than the
     * one that knew them, which the log says, with what to do.
     */
    public Future<Void> remove(Instant now) {
        Instant latest = now.minus(ORPHANED_AFTER);
        return blobs.list().compose(all -> {
            List<Written> old =
                    all.stream().filter(blob -> blob.at().isBefore(latest)).toList();
            return unnamed(old)
                    .compose(orphans -> database.query("files.database_created_at")
                            .map(rows -> rows.iterator().next().getOffsetDateTime("created_at"))
                            .compose(created -> removeIfPlausible(orphans, all.size(), created.toInstant())));
        });
    }

    private Future<List<Written>> unnamed(List<Written> old) {
        Future<List<Written>> found = Future.succeededFuture(new ArrayList<>());
        for (int from = 0; from < old.size(); from += AT_ONCE) {
            List<Written> some = old.subList(from, Math.min(old.size(), from + AT_ONCE));
            String[] ids = some.stream().map(Written::id).toArray(String[]::new);
            found = found.compose(before -> database.query("files.blobs_without_row", (Object) ids)
                    .map(rows -> {
                        Set<String> names = StreamSupport.stream(rows.spliterator(), false)
                                .map(row -> row.getString("id"))
                                .collect(Collectors.toSet());
                        some.stream().filter(blob -> names.contains(blob.id())).forEach(before::add);
                        return before;
                    }));
        }
        return found;
    }

    private Future<Void> removeIfPlausible(List<Written> orphans, int all, Instant databaseCreated) {
        long older = orphans.stream()
                .filter(blob -> blob.at().isBefore(databaseCreated))
                .count();
        if (older > 0) {
            refuse(
                    orphans,
                    older + " of them are older than the database, which was created at " + databaseCreated
                            + ": it is not the one that knew them");
            return Future.succeededFuture();
        }
        if (orphans.size() > Math.max(FEW, all / ONE_IN)) {
            refuse(orphans, "that is more than one in " + ONE_IN + " of " + all + ", which no killed gateway leaves");
            return Future.succeededFuture();
        }
        return Future.join(orphans.stream().map(blob -> blobs.delete(blob.id())).toList())
                .mapEmpty();
    }

    private static void refuse(List<Written> orphans, String reason) {
        LOG.error(
                "{} stored blobs are named by no row of the database, and none of them was removed: {}. If the gateway has"
                        + " the wrong database, or has lost its own, give it the right one or a backup of it. If all is"
                        + " right, remove the files {} from the directory blobs by hand",
                orphans.size(),
                reason,
                orphans.stream().limit(SHOWN).map(Written::id).collect(Collectors.joining(", "))
                        + (orphans.size() > SHOWN ? " and so on" : ""));
    }
}

package dev.tunegate.gateway.files;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.files.BlobStore.Written;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bytes that never got a row, because the gateway was killed between the two. */
public final class OrphanedBlobs {
    private static final Logger LOG = LoggerFactory.getLogger(OrphanedBlobs.class);

    /** A blob without a row is left alone for far longer than it takes to record one that has just been written. */
    private static final Duration ORPHANED_AFTER = Duration.ofDays(1);

    /** So many names are asked for in one statement. */
    private static final int AT_ONCE = 250;

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
     * Removes the blobs that no row has named for a day. Of those that the database has never heard of it removes none where
     * it looks like another database than the one that knew them, which the log says, with what to do.
     */
    public Future<Void> remove(Instant now) {
        Instant latest = now.minus(ORPHANED_AFTER);
        return blobs.list().compose(all -> {
            List<Written> old =
                    all.stream().filter(blob -> blob.at().isBefore(latest)).toList();
            return unnamed(old)
                    .compose(unnamed -> database.query("files.database_created_at")
                            .map(rows -> rows.iterator().next().getOffsetDateTime("created_at"))
                            .map(created -> removable(unnamed, all.size(), created.toInstant())))
                    .compose(this::delete);
        });
    }

    private Future<Void> delete(List<Orphan> orphans) {
        return Future.join(orphans.stream()
                        .map(orphan -> blobs.delete(orphan.blob().id()))
                        .toList())
                .mapEmpty();
    }

    /**
     * A blob that no row names.
     *
     * @param isKnown whether it was a file's that is deleted
     */
    private record Orphan(Written blob, boolean isKnown) {}

    private Future<List<Orphan>> unnamed(List<Written> old) {
        Future<List<Orphan>> found = Future.succeededFuture(new ArrayList<>());
        for (int from = 0; from < old.size(); from += AT_ONCE) {
            Map<String, Written> some = old.subList(from, Math.min(old.size(), from + AT_ONCE)).stream()
                    .collect(Collectors.toMap(Written::id, blob -> blob));
            String[] ids = some.keySet().toArray(new String[0]);
            found = found.compose(before -> database.query("files.blobs_without_row", (Object) ids)
                    .map(rows -> {
                        for (Row row : rows) {
                            Written blob = Objects.requireNonNull(some.get(row.getString("id")));
                            before.add(new Orphan(blob, row.getBoolean("is_known")));
                        }
                        return before;
                    }));
        }
        return found;
    }

    private static List<Orphan> removable(List<Orphan> orphans, int all, Instant databaseCreated) {
        List<Orphan> known = orphans.stream().filter(Orphan::isKnown).toList();
        List<Orphan> unknown =
                orphans.stream().filter(orphan -> !orphan.isKnown()).toList();
        long older = unknown.stream()
                .filter(orphan -> orphan.blob().at().isBefore(databaseCreated))
                .count();
        if (older > 0) {
            refuse(
                    unknown,
                    older + " of them are older than the database, which was created at " + databaseCreated
                            + ": it is not the one that knew them");
            return known;
        }
        if (unknown.size() > Math.max(FEW, all / ONE_IN)) {
            refuse(unknown, "that is more than one in " + ONE_IN + " of " + all + ", which no killed gateway leaves");
            return known;
        }
        return orphans;
    }

    private static void refuse(List<Orphan> orphans, String reason) {
        LOG.error(
                "{} stored blobs are unknown to the database, and none of them was removed: {}. If the gateway has"
                        + " the wrong database, or has lost its own, give it the right one or a backup of it. If all is"
                        + " right, remove the files {} from the directory blobs by hand",
                orphans.size(),
                reason,
                orphans.stream().limit(SHOWN).map(orphan -> orphan.blob().id()).collect(Collectors.joining(", "))
                        + (orphans.size() > SHOWN ? " and so on" : ""));
    }
}

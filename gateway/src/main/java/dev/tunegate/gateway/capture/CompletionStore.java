package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.http.Page;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The kept answers of every project, to be read, labelled and deleted; {@link Capture} writes them. */
public final class CompletionStore {
    private final Database database;

    public CompletionStore(Database database) {
        this.database = database;
    }

    /** A page of completions, and one row more where there is one. */
    public Future<List<StoredCompletion>> list(
            String project, CompletionFilter filter, boolean newestFirst, Page page) {
        return database.query(
                        newestFirst ? "completions.list_newest" : "completions.list_oldest",
                        project,
                        filter.model(),
                        filter.dataset(),
                        filter.containedMetadata(),
                        page.after(),
                        page.rows())
                .map(CompletionStore::completions);
    }

    /** Finds a completion; empty for those that are unknown, another project's, or deleted. */
    public Future<Optional<StoredCompletion>> find(String project, String id) {
        return database.query("completions.find", project, id).map(CompletionStore::first);
    }

    /** A page of the messages that a completion answers, and one more where there is one. */
    public Future<List<StoredMessage>> messages(String project, String id, boolean lastFirst, Page page) {
        return database.query(
                        lastFirst ? "completions.messages_newest" : "completions.messages_oldest",
                        project,
                        id,
                        start(id, lastFirst, page.after()),
                        page.rows())
                .map(rows -> stream(rows)
                        .map(row -> new StoredMessage(
                                StoredMessage.id(id, row.getInteger("position")), json(row, "message")))
                        .toList());
    }

    /** The position behind which a page starts; nothing stands behind a message that is not there. */
    private static int start(String id, boolean lastFirst, @Nullable String after) {
        if (after == null) {
            return lastFirst ? Integer.MAX_VALUE : -1;
        }
        String position = after.startsWith(id + "-") ? after.substring(id.length() + 1) : "";
        return position.matches("\\d{1,9}") ? Integer.parseInt(position) : lastFirst ? -1 : Integer.MAX_VALUE;
    }

    /** Puts this metadata in the place of what was there; empty when there is no such completion. */
    public Future<Optional<StoredCompletion>> setMetadata(String project, String id, ObjectNode metadata) {
        return database.query("completions.set_metadata", project, id, metadata.toString())
                .map(CompletionStore::first);
    }

    /** Deletes a completion; false when there was none of that id. */
    public Future<Boolean> delete(String project, String id) {
        return database.query("completions.delete", project, id).map(rows -> rows.rowCount() > 0);
    }

    private static Optional<StoredCompletion> first(RowSet<Row> rows) {
        return completions(rows).stream().findFirst();
    }

    private static List<StoredCompletion> completions(RowSet<Row> rows) {
        return stream(rows)
                .map(row -> new StoredCompletion(
                        row.getString("id"),
                        row.getString("request_id"),
                        row.getString("dataset"),
                        json(row, "metadata"),
                        json(row, "request"),
                        json(row, "answer"),
                        row.getOffsetDateTime("created_at")))
                .toList();
    }

    private static Stream<Row> stream(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false);
    }

    private static ObjectNode json(Row row, String column) {
        try {
            return (ObjectNode) Json.MAPPER.readTree(row.getString(column));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Postgres sent JSON that is none, in column " + column, e);
        }
    }

    /** The error of a completion that is not kept, or not any more, or that is another project's. */
    public static ApiError unknown(String id) {
        return ApiError.notFound("Completion " + ApiError.quoted(id) + " not found", "completion_id", "not_found");
    }
}

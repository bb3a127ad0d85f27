package dev.tunegate.gateway.http;

import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The part of a list that a client asks for. A store asked for a page returns up to {@link #rows} rows, one more than
 * the page holds, and the envelope's has_more says whether that one was there.
 *
 * @param after the id of the last item that the client has; the page starts behind it
 */
public record Page(int limit, @Nullable String after) {

    /** Reads `limit` (1..max) and `after` from the query. */
    public static Page of(RoutingContext ctx, int defaultLimit, int max) {
        String limit = Query.optional(ctx, "limit");
        String after = Query.optional(ctx, "after");
        return new Page(limit == null ? defaultLimit : parse(limit, max), after);
    }

    /** The number of rows to ask the database for. */
    public int rows() {
        return limit + 1;
    }

    /** The envelope of jobs and events. */
    public <T> Listing<T> listing(List<T> rows) {
        return new Listing<>("list", cut(rows), rows.size() > limit);
    }

    /** The envelope of files and checkpoints, which names its first and last id; null when it is empty. */
    public <T> IdentifiedListing<T> listing(List<T> rows, Function<T, String> id) {
        List<T> data = cut(rows);
        String first = data.isEmpty() ? null : id.apply(data.get(0));
        String last = data.isEmpty() ? null : id.apply(data.get(data.size() - 1));
        return new IdentifiedListing<>("list", data, first, last, rows.size() > limit);
    }

    private <T> List<T> cut(List<T> rows) {
        return rows.size() > limit ? rows.subList(0, limit) : rows;
    }

    private static int parse(String text, int max) {
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= max) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // this has the same answer as a number outside the range
        }
        throw ApiError.badRequest(
                "Invalid 'limit': '" + ApiError.quoted(text) + "'. It must be an integer from 1 to " + max + ".",
                "limit");
    }

    /** {"object":"list","data":[…],"has_more":…} */
    public record Listing<T>(String object, List<T> data, boolean hasMore) {}

    /** A listing that has first_id and last_id, too. */
    public record IdentifiedListing<T>(
            String object,
            List<T> data,
            @Nullable String firstId,
            @Nullable String lastId,
            boolean hasMore) {}
}

package dev.tunegate.gateway.models;

import dev.tunegate.gateway.db.Database;
import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The inference servers that workers have announced. */
public final class InferenceServers {
    private final Database database;

    public InferenceServers(Database database) {
        this.database = database;
    }

    /**
     * Where a worker answers chat requests.
     *
     * @param url below which /v1/chat/completions lies
     * @param token the bearer token it asks for
     */
    public record InferenceServer(
            String workerId, String url, @Nullable String token) {}

    /** The base models that workers answer with. */
    public Future<Set<String>> models() {
        return database.query("workers.answering")
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> row.getString("model"))
                        .collect(Collectors.toSet()));
    }

    /** The servers of the workers that have this base model, the one heard of last first. */
    public Future<List<InferenceServer>> serving(String baseModel) {
        return database.query("workers.serving", baseModel)
                .map(rows -> StreamSupport.stream(rows.spliterator(), false)
                        .map(row -> new InferenceServer(
                                row.getString("id"), row.getString("inference_url"), row.getString("inference_token")))
                        .toList());
    }
}

package dev.tunegate.gateway.models;

import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.http.ApiError;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The base models that can be tuned and asked: those in this machine's model directories and those of the workers. */
public final class ModelCatalog {
    private final Database database;
    private final Set<String> local;

    private ModelCatalog(Database database, Set<String> local) {
        this.database = database;
        this.local = local;
    }

    /**
     * Looks through directories of models: every sub-directory with a config.json is a base model of that name. Blocks.
     *
     * @param directories those that do not exist are passed over
     */
    public static ModelCatalog scan(Database database, List<Path> directories) throws IOException {
        Set<String> ids = new TreeSet<>();
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                try (Stream<Path> entries = Files.list(directory)) {
                    entries.filter(entry -> Files.isRegularFile(entry.resolve("config.json")))
                            .forEach(entry -> ids.add(String.valueOf(entry.getFileName())));
                }
            }
        }
        return new ModelCatalog(database, ids);
    }

    /** All base models, sorted. */
    public Future<Set<String>> baseModels() {
        return database.query("workers.models").map(rows -> {
            Set<String> ids = new TreeSet<>(local);
            StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> row.getString("model"))
                    .forEach(ids::add);
            return ids;
        });
    }

    /** Tells whether a directory of this machine has a model; workers elsewhere may have others. */
    boolean isInDirectories(String id) {
        return local.contains(id);
    }

    /** The error of a model that there is not, or that is another project's. */
    public static ApiError unknown(String model) {
        return ApiError.notFound(
                "The model '" + ApiError.quoted(model) + "' does not exist", "model", "model_not_found");
    }
}

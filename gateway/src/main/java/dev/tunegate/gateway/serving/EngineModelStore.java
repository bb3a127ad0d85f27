package dev.tunegate.gateway.serving;

import dev.tunegate.gateway.config.EngineConfig;
import dev.tunegate.gateway.db.Database;
import dev.tunegate.gateway.db.Ids;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The rows of one engine and base model. */
final class EngineModelStore {
    private static final int NAME_LENGTH = 24;
    private static final int LONGEST_PAUSE_WHEN_PASSING = 15;
    private static final int LONGEST_PAUSE = 300;
    /** One look for models without a row is at so many; the next one goes on behind them. */
    private static final int LOOKED_AT_ONCE = 200;

    private final Database database;
    private final EngineConfig config;
    private volatile long lookedUpTo;

    EngineModelStore(Database database, EngineConfig config) {
        this.database = database;
        this.config = config;
    }

    /**
     * A row that is this gateway's for a while.
     *
     * @param name the engine's for it
     * @param adapterBlob null for the base model
     * @param isDeleted whether it is to be unloaded
     */
    record Claimed(
            long number, int attempt, String name, @Nullable String adapterBlob, boolean isDeleted) {}

    /** A model as the engine knows it, and how it stands there. */
    record Found(String name, ModelState state) {}

    /** Gives rows to the base model, and to what was fine-tuned from it and has none yet, some at each call. */
    Future<Void> enroll() {
        return query("servings.enroll_base", config.model())
                .compose(base -> query("servings.not_enrolled", lookedUpTo, LOOKED_AT_ONCE))
                .compose(rows -> {
                    Row row = rows.iterator().next();
                    return Future.join(Arrays.stream(row.getArrayOfStrings("adapters"))
                                    .map(adapter -> query("servings.enroll", adapter, newName()))
                                    .toList())
                            .onSuccess(enrolled -> lookedUpTo = Objects.requireNonNullElse(row.getLong("last"), 0L));
                })
                .mapEmpty();
    }

    /** The name is in lower case, because not every engine and file system tells the cases apart. */
    private static String newName() {
        return "tunegate-" + Ids.random("", NAME_LENGTH).toLowerCase(Locale.ROOT);
    }

    Future<Boolean> isAnyDue() {
        return query("servings.any_due").map(rows -> rows.iterator().next().getBoolean("found"));
    }

    /** The models that are ready and among the engine's names need nothing for a while. */
    Future<Void> confirm(Set<String> inventory) {
        return query("servings.confirm", (Object) inventory.toArray(new String[0]))
                .mapEmpty();
    }

    /**
     * Takes a row that is due. A model that is ready stays so while it is looked at, unless the engine no longer has it.
     *
     * @param inventory the engine's names
     */
    Future<Optional<Claimed>> claim(Set<String> inventory) {
        return query("servings.claim", (Object) inventory.toArray(new String[0]))
                .map(rows -> first(rows)
                        .map(row -> new Claimed(
                                row.getLong("number"),
                                row.getInteger("attempt"),
                                row.getString("name"),
                                row.getString("adapter_blob"),
                                row.getString("state").equals("unloading"))));
    }

    Future<Void> renew(Claimed row) {
        return database.query("servings.renew", row.number(), row.attempt()).mapEmpty();
    }

    Future<Void> ready(Claimed row) {
        return database.query("servings.ready", row.number(), row.attempt()).mapEmpty();
    }

    Future<Void> notReady(Claimed row, EngineProblem problem) {
        return database.query(
                        "servings.not_ready",
                        row.number(),
                        row.attempt(),
                        state(problem),
                        problem.reason(),
                        longestPause(problem))
                .mapEmpty();
    }

    Future<Void> remove(Claimed row) {
        return database.query("servings.remove", row.number(), row.attempt()).mapEmpty();
    }

    /** Notes of all that is due that it has to wait, because the engine cannot be reached. */
    Future<Void> outOfReach(EngineProblem problem) {
        return query("servings.out_of_reach", state(problem), problem.reason(), longestPause(problem))
                .mapEmpty();
    }

    Future<Void> doubt(String name) {
        return query("servings.doubt", name).mapEmpty();
    }

    Future<Optional<Found>> find(String project, String model) {
        return query("servings.find", project, model)
                .map(rows -> first(rows).map(row -> new Found(row.getString("name"), state(row))));
    }

    /** The states by adapter, of those that are asked for; the base model's own is under the empty text. */
    Future<Map<String, ModelState>> list(Collection<String> adapters) {
        return query("servings.list", (Object) adapters.toArray(new String[0])).map(rows -> {
            Map<String, ModelState> states = new HashMap<>();
            for (Row row : rows) {
                String adapter = row.getString("adapter_blob");
                states.put(adapter == null ? "" : adapter, state(row));
            }
            return states;
        });
    }

    private ModelState state(Row row) {
        return ModelState.of(config.engine(), row.getString("state"), row.getString("reason"));
    }

    private static String state(EngineProblem problem) {
        return problem.isPassing() ? ModelState.WAITING : ModelState.FAILED;
    }

    private static int longestPause(EngineProblem problem) {
        return problem.isPassing() ? LONGEST_PAUSE_WHEN_PASSING : LONGEST_PAUSE;
    }

    private static Optional<Row> first(RowSet<Row> rows) {
        return StreamSupport.stream(rows.spliterator(), false).findFirst();
    }

    private Future<RowSet<Row>> query(String name, @Nullable Object... more) {
        Object[] place = {config.engine().text(), config.baseUrl().toString(), config.baseModel()};
        return database.query(
                name, Stream.concat(Stream.of(place), Stream.of(more)).toArray());
    }
}

package dev.tunegate.gateway.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Where a model's name leads: through the aliases to a model of this gateway, or else to the first upstream that fits. */
public final class ModelRoutes {
    private final Map<String, String> aliases;
    private final List<Upstream> upstreams;

    ModelRoutes(Map<String, String> aliases, List<Upstream> upstreams) {
        this.aliases = Map.copyOf(aliases);
        this.upstreams = List.copyOf(upstreams);
    }

    /** Where a name leads; {@code model} is what the name stands for there. */
    public sealed interface Route {
        String model();

        /** To the workers of this gateway. */
        record Local(String model) implements Route {}

        /** To another host. */
        record Forwarded(String model, Upstream upstream) implements Route {}

        /** Nowhere. */
        record Unknown(String model) implements Route {}
    }

    /** What a name stands for: itself, where it is no alias. */
    public String resolve(String name) {
        String model = name;
        while (aliases.containsKey(model)) { // the reader refuses loops
            model = aliases.get(model);
        }
        return model;
    }

    public boolean isAlias(String name) {
        return aliases.containsKey(name);
    }

    /** All aliases, sorted. */
    public Set<String> aliases() {
        return new TreeSet<>(aliases.keySet());
    }

    /**
     * Where a name leads.
     *
     * @param isLocal whether this gateway has a base model or fine-tuned model of that name
     */
    public Route route(String name, Purpose purpose, Predicate<String> isLocal) {
        String model = resolve(name);
        if (isLocal.test(model)) {
            return new Route.Local(model);
        }
        return upstreams.stream()
                .filter(upstream -> upstream.serves(model, purpose))
                .findFirst()
                .<Route>map(upstream -> new Route.Forwarded(model, upstream))
                .orElseGet(() -> new Route.Unknown(model));
    }
}

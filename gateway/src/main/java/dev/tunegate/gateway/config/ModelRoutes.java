package dev.tunegate.gateway.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Says where a model's name leads: through the aliases to a model, and to the first upstream that fits if this gateway has
 * none of that name.
 */
public final class ModelRoutes {
    private final Map<String, String> aliases;
    private final List<Upstream> upstreams;

    public ModelRoutes(Map<String, String> aliases, List<Upstream> upstreams) {
        this.aliases = Map.copyOf(aliases);
        this.upstreams = List.copyOf(upstreams);
    }

    /** The model that a name stands for: itself, where it is no alias. */
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

    public List<Upstream> upstreams() {
        return upstreams;
    }

    /** The upstream that has a model which this gateway has not: the first that fits, in the file's order. */
    public Optional<Upstream> upstreamOf(String model, Purpose purpose) {
        return upstreams.stream()
                .filter(upstream -> upstream.serves(model, purpose))
                .findFirst();
    }

    /** The upstream that has a model for any purpose. */
    public Optional<Upstream> upstreamOf(String model) {
        return upstreams.stream()
                .filter(upstream -> upstream.purposes().stream().anyMatch(purpose -> upstream.serves(model, purpose)))
                .findFirst();
    }

    /** The upstream of that name, unless the configuration has lost it. */
    public Optional<Upstream> upstream(String name) {
        return upstreams.stream()
                .filter(upstream -> upstream.name().equals(name))
                .findFirst();
    }

    /** The models that upstreams spell out, with the upstream that has each; wildcards name none. */
    public Map<String, Upstream> spelledOut() {
        Map<String, Upstream> models = new TreeMap<>();
        for (Upstream upstream : upstreams) {
            upstream.models().stream()
                    .filter(Glob::isName)
                    .forEach(glob -> models.putIfAbsent(glob.pattern(), upstream));
        }
        return models;
    }
}

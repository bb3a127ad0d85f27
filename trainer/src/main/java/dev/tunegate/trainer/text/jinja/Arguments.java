package dev.tunegate.trainer.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of one call.
 *
 * @param positional in their order
 * @param named by keyword
 */
record Arguments(List<Value> positional, Map<String, Value> named) {

    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(Value... values) {
        return new Arguments(List.of(values), Map.of());
    }

    /** The argument at a position or under its name; null when it was not given. */
    @Nullable
    Value optional(int position, String name) {
        if (position < positional.size()) {
            return positional.get(position);
        }
        return named.get(name);
    }

    Value get(int position, String name, Value otherwise) {
        Value value = optional(position, name);
        return value == null ? otherwise : value;
    }

    Value required(int position, String name) {
        Value value = optional(position, name);
        if (value == null) {
            throw new TemplateError("missing argument '" + name + "'");
        }
        return value;
    }

    boolean flag(int position, String name) {
        Value value = optional(position, name);
        return value != null && Values.truthy(value);
    }

    /** All positional arguments but the first ones. */
    Arguments after(int count) {
        return new Arguments(positional.subList(Math.min(count, positional.size()), positional.size()), named);
    }

    Arguments with(Value first) {
        List<Value> all = new ArrayList<>(positional.size() + 1);
        all.add(first);
        all.addAll(positional);
        return new Arguments(all, named);
    }

    /** Refuses arguments that the callee does not know. */
    void allow(int most, String... names) {
        if (positional.size() > most) {
            throw new TemplateError("takes at most " + most + " argument(s), not " + positional.size());
        }
        Map<String, Value> unknown = new LinkedHashMap<>(named);
        for (String name : names) {
            unknown.remove(name);
        }
        if (!unknown.isEmpty()) {
            throw new TemplateError(
                    "unknown argument '" + unknown.keySet().iterator().next() + "'");
        }
    }
}

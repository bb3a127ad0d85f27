package dev.tunegate.gateway.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A map of the file whose keys are known: hands out their values, and reports what is not as it should be. */
final class Section {
    private final Reading reading;
    private final String path;
    private final int line;
    private final Map<String, Yaml.Entry> entries = new HashMap<>();

    /** A file that is being read. */
    record Reading(ConfigurationErrors problems, Variables variables) {}

    Section(Reading reading, String path, Yaml.Keys keys, List<String> known) {
        this.reading = reading;
        this.path = path;
        this.line = keys.line();
        for (Yaml.Entry entry : keys.entries()) {
            if (!known.contains(entry.key())) {
                problem(entry.line(), entry.key(), Names.unknown(entry.key(), known));
            } else if (entries.putIfAbsent(entry.key(), entry) != null) {
                int first = entries.get(entry.key()).line();
                problem(entry.line(), entry.key(), "stands in line " + first + " already");
            }
        }
    }

    /** The text of a key; null where the key is missing, or has something else, which is reported. */
    @Nullable
    Value text(String key) {
        Yaml.Entry entry = entries.get(key);
        return entry == null ? null : text(entry.value(), entry.line(), path(key));
    }

    /** Does the same as {@link #text}, and reports a missing key, too. */
    @Nullable
    Value requiredText(String key) {
        requirePresent(key);
        return text(key);
    }

    /** The number, or the number that a text becomes through the environment; null where there is none in the range. */
    @Nullable
    Integer integer(String key, int min, int max) {
        Yaml.Entry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        Value value = scalar(entry.value(), entry.line(), path(key));
        if (value == null) {
            return null;
        }
        if (value.text().matches("[0-9]{1,9}")) {
            int number = Integer.parseInt(value.text());
            if (number >= min && number <= max) {
                return number;
            }
        }
        reading.problems().add(value.line(), value.path(), "takes a number from " + min + " to " + max + value.not());
        return null;
    }

    /** A text or a number as it is written. */
    @Nullable
    Value scalar(String key) {
        Yaml.Entry entry = entries.get(key);
        return entry == null ? null : scalar(entry.value(), entry.line(), path(key));
    }

    /** The texts of a list, each of which may be there once; null where the key is missing or empty. */
    @Nullable
    List<Value> texts(String key) {
        Yaml.Entry entry = entries.get(key);
        if (entry == null || entry.value() instanceof Yaml.Empty) {
            return null;
        }
        List<Value> texts = new ArrayList<>();
        List<Yaml> items = items(key);
        for (int i = 0; i < items.size(); i++) {
            Value value = text(items.get(i), items.get(i).line(), path(key) + "[" + i + "]");
            if (value != null && texts.stream().anyMatch(other -> other.text().equals(value.text()))) {
                reading.problems().add(value.line(), value.path(), "stands in the list already");
            } else if (value != null) {
                texts.add(value);
            }
        }
        return texts;
    }

    /** The values of a list; none where the key is missing or empty. */
    List<Yaml> items(String key) {
        Yaml.Entry entry = entries.get(key);
        if (entry == null || entry.value() instanceof Yaml.Empty) {
            return List.of();
        }
        if (entry.value() instanceof Yaml.Items list) {
            return list.items();
        }
        problem(entry.line(), key, "takes a list, not " + entry.value().kind());
        return List.of();
    }

    /** The keys and values of a map; none where the key is missing or empty. */
    Yaml.Keys keys(String key) {
        Yaml.Entry entry = entries.get(key);
        Yaml.Keys none = new Yaml.Keys(line, List.of());
        if (entry == null || entry.value() instanceof Yaml.Empty) {
            return none;
        }
        if (entry.value() instanceof Yaml.Keys keys) {
            return keys;
        }
        problem(entry.line(), key, "takes a map of keys, not " + entry.value().kind());
        return none;
    }

    /** Whether the key is there and has a list in it, perhaps one without items. */
    boolean hasList(String key) {
        Yaml.Entry entry = entries.get(key);
        return entry != null && entry.value() instanceof Yaml.Items;
    }

    boolean has(String key) {
        return entries.containsKey(key);
    }

    void requirePresent(String key) {
        if (!has(key)) {
            reading.problems().add(line, path, key + " is missing");
        }
    }

    /** Reports a key, in its own line where it has one. */
    void problem(String key, String message) {
        Yaml.Entry entry = entries.get(key);
        problem(entry == null ? line : entry.line(), key, message);
    }

    private void problem(int at, String key, String message) {
        reading.problems().add(at, path(key), message);
    }

    /** A text of the file, null where it is something else, which is reported. */
    private @Nullable Value text(Yaml value, int at, String where) {
        if (value instanceof Yaml.Digits || value instanceof Yaml.Truth) {
            reading.problems().add(at, where, "takes text, not " + value.kind() + "; put it in quotes");
            return null;
        }
        return scalar(value, at, where);
    }

    private @Nullable Value scalar(Yaml value, int at, String where) {
        if (value instanceof Yaml.Digits digits) {
            return new Value(digits.text(), at, where, false);
        }
        if (value instanceof Yaml.Text text && !text.text().isBlank()) {
            return reading.variables().replace(text.text(), at, where);
        }
        boolean empty = value instanceof Yaml.Text || value instanceof Yaml.Empty;
        reading.problems()
                .add(
                        at,
                        where,
                        empty ? "is empty; give it a value or leave it out" : "takes text, not " + value.kind());
        return null;
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}

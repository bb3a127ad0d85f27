package dev.tunegate.trainer.lora;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Values for some modules, as in PEFT's {@code rank_pattern} and {@code alpha_pattern}: a key is a regular expression for the
 * whole of a module's path or for what follows one of its dots; the first that matches counts.
 *
 * <p>Adapters come from anywhere, and a regular expression can be made to run forever. So only what module paths call for is
 * taken: names, dots, alternatives, numbers and three times {@code .*}.
 */
public record ModulePatterns<T>(Map<String, T> values) {

    private static final Pattern HARMLESS = Pattern.compile(
            "\\^?(?:[A-Za-z0-9_]|\\\\?\\.|\\\\d\\+?|\\[0-9]\\+?|\\([A-Za-z0-9_]+(?:\\|[A-Za-z0-9_]+)*\\))+\\$?");
    private static final int MOST_WILDCARDS = 3;

    public ModulePatterns {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        for (String key : values.keySet()) {
            String rest = key.replace(".*", ".");
            if (!HARMLESS.matcher(rest).matches() || key.length() - rest.length() > MOST_WILDCARDS) {
                throw new IllegalArgumentException("pattern '" + key
                        + "' is not supported; supported: module names with dots, (a|b), \\d+, [0-9]+ and up to "
                        + MOST_WILDCARDS + " times .*");
            }
        }
    }

    /** Patterns that give no module a value of its own. */
    public static <T> ModulePatterns<T> none() {
        return new ModulePatterns<>(Map.of());
    }

    T valueFor(String path, T otherwise) {
        for (var entry : values.entrySet()) {
            if (path.matches("(.*\\.)?(" + entry.getKey() + ")")) {
                return entry.getValue();
            }
        }
        return otherwise;
    }
}

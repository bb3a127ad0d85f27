package dev.tunegate.gateway.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Puts the environment's values where a text says {@code ${NAME}}. */
final class Variables {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*)(}?)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private final Map<String, String> environment;
    private final ConfigurationErrors problems;

    Variables(Map<String, String> environment, ConfigurationErrors problems) {
        this.environment = environment;
        this.problems = problems;
    }

    /** The value with the environment's in it, null where some are missing, which is reported by their names. */
    @Nullable
    Value replace(String text, int line, String path) {
        StringBuilder replaced = new StringBuilder();
        boolean complete = true;
        Matcher reference = REFERENCE.matcher(text);
        while (reference.find()) {
            String value = value(reference.group(1), !reference.group(2).isEmpty(), line, path);
            complete &= !value.isEmpty();
            reference.appendReplacement(replaced, Matcher.quoteReplacement(value));
        }
        reference.appendTail(replaced);
        return complete ? new Value(replaced.toString(), line, path, text.contains("${")) : null;
    }

    /** The value of a variable; empty for one that is missing. */
    private String value(String name, boolean closed, int line, String path) {
        if (!closed || !NAME.matcher(name).matches()) {
            problems.add(line, path, "${ needs the name of an environment variable and a } behind it, as in ${HOME}");
            return "";
        }
        String value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            String state = environment.containsKey(name) ? "empty" : "not set";
            problems.add(line, path, "the environment variable " + name + " is " + state);
        }
        return value;
    }
}

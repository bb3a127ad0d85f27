package dev.tunegate.gateway.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with a file, so that one look at it mends everything. */
final class ConfigurationErrors {
    /** Says that a problem is not in the file but in the environment. */
    static final int NO_LINE = 0;

    private record Problem(int line, String path, String message) {
        String in(String file) {
            return (line == NO_LINE ? "" : file + ":" + line + ": ") + (path.isEmpty() ? "" : path + ": ") + message;
        }
    }

    private final List<Problem> found = new ArrayList<>();

    void add(int line, String path, String message) {
        found.add(new Problem(line, path, message));
    }

    void throwIfAny(String file) throws InvalidConfiguration {
        if (!found.isEmpty()) {
            throw new InvalidConfiguration(found.stream()
                    .sorted(Comparator.comparingInt(Problem::line))
                    .map(problem -> problem.in(file))
                    .toList());
        }
    }
}

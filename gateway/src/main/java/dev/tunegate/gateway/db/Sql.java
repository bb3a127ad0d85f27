package dev.tunegate.gateway.db;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The statements of the {@code sql/*.sql} resources by name: {@code get("tasks.claim")} is the text below the line
 * {@code -- name: claim} of {@code sql/tasks.sql}.
 */
public final class Sql {
    private static final String NAME_LINE = "-- name: ";
    private static final Map<String, Map<String, String>> FILES = new ConcurrentHashMap<>();

    private Sql() {}

    public static String get(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("A statement is named FILE.NAME, not " + name);
        }
        String statement =
                FILES.computeIfAbsent(name.substring(0, dot), Sql::load).get(name.substring(dot + 1));
        if (statement == null) {
            throw new IllegalArgumentException("No SQL statement named " + name);
        }
        return statement;
    }

    private static Map<String, String> load(String file) {
        String path = "/sql/" + file + ".sql";
        try (InputStream in = Sql.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalArgumentException("No resource " + path);
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, String> parse(String text) {
        Map<String, String> statements = new HashMap<>();
        for (String part : text.split("(?m)^(?=" + NAME_LINE + ")", -1)) {
            if (!part.startsWith(NAME_LINE)) {
                continue;
            }
            int end = part.indexOf('\n');
            String name = part.substring(NAME_LINE.length(), end).strip();
            String body = part.substring(end + 1).strip();
            if (statements.put(name, body.endsWith(";") ? body.substring(0, body.length() - 1) : body) != null) {
                throw new IllegalArgumentException("Two SQL statements named " + name);
            }
        }
        return statements;
    }
}

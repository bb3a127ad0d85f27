package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A part of openapi.yaml whose keywords are all known: what reads it leaves none aside that would forbid something. */
record SchemaKeywords(JsonNode schema) {
    private static final Set<String> ANNOTATIONS = Set.of("title", "description", "examples", "default", "deprecated");

    /** The schema, provided that it has these keywords, and besides them only such as forbid nothing. */
    static SchemaKeywords of(JsonNode schema, String... names) {
        Set<String> forbidding = new TreeSet<>();
        schema.fieldNames().forEachRemaining(forbidding::add);
        forbidding.removeIf(name -> ANNOTATIONS.contains(name) || name.startsWith("x-"));
        SchemaKeywords keywords = new SchemaKeywords(schema);
        keywords.require(forbidding.equals(Set.of(names)), "exactly the keywords " + String.join(", ", names));
        return keywords;
    }

    /** Missing where there is no such keyword. */
    JsonNode node(String name) {
        return schema.path(name);
    }

    int integer(String name) {
        require(node(name).isInt(), "an integer as " + name);
        return node(name).intValue();
    }

    double number(String name) {
        require(node(name).isNumber(), "a number as " + name);
        return node(name).doubleValue();
    }

    String text(String name) {
        require(node(name).isTextual(), "a string as " + name);
        return node(name).textValue();
    }

    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : node(name)) {
            require(text.isTextual(), "strings in " + name);
            texts.add(text.textValue());
        }
        return texts;
    }

    void require(boolean isSo, String wanted) {
        if (!isSo) {
            throw unreadable(schema, wanted);
        }
    }

    static IllegalArgumentException unreadable(JsonNode schema, String wanted) {
        return new IllegalArgumentException("the gateway reads " + wanted + " here, not " + schema);
    }
}

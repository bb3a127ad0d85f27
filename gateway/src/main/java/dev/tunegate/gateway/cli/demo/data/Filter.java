package dev.tunegate.gateway.cli.demo.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Which documents a question is about: its conditions in English, and the same as a match stage. */
final class Filter {
    private final boolean clause;
    private final ObjectNode match = JsonNodeFactory.instance.objectNode();
    private final StringBuilder words = new StringBuilder();

    /** Begins without conditions; they will read "where color is red", or "with color red". */
    Filter(boolean clause) {
        this.clause = clause;
    }

    void text(String field, boolean equal, String value) {
        condition(field, (equal ? "" : "not ") + value);
        if (equal) {
            match.put(field, value);
        } else {
            match.putObject(field).put("$ne", value);
        }
    }

    void number(String field, Bound bound, int value) {
        condition(field, bound.words() + " " + value);
        match.putObject(field).put(bound.operator(), value);
    }

    private void condition(String field, String test) {
        String start = clause ? " where " : " with ";
        words.append(words.isEmpty() ? start : " and ").append(field);
        words.append(clause ? " is " : " ").append(test);
    }

    /** The conditions with a space before them; empty without any. */
    String words() {
        return words.toString();
    }

    /** A new list of stages that begins with the match stage, if there is any condition. */
    ArrayNode stages() {
        ArrayNode stages = JsonNodeFactory.instance.arrayNode();
        if (!match.isEmpty()) {
            stages.addObject().set("$match", match);
        }
        return stages;
    }
}

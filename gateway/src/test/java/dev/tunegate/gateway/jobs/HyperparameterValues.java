package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Values at, inside and outside of what a schema allows, derived from the schema itself. */
final class HyperparameterValues {
    private static final Set<String> NUMBERS =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems");
    private static final Set<String> WORDS = Set.of("enum", "pattern");
    /** Wrong for most, and what clients send by mistake. */
    private static final List<String> EVERYWHERE = List.of(
            "\"auto\"",
            "null",
            "true",
            "false",
            "0",
            "-0.0",
            "1",
            "-1",
            "0.5",
            "1e300",
            "-1e300",
            "98765432109876543210",
            "\"\"",
            "\"Auto\"",
            "\"auto \"",
            "\"1\"",
            "\"true\"",
            "[]",
            "{}",
            "[\"auto\"]",
            "[1]",
            "{\"auto\": 1}");

    private static final List<String> LIST_MEMBERS = List.of(
            "a",
            "A_9",
            "q_proj",
            "a".repeat(64),
            "a".repeat(65),
            "",
            "a-b",
            "a b",
            "a\n",
            "\na",
            "a.b",
            "\u00e4",
            "auto");

    private HyperparameterValues() {}

    static List<JsonNode> around(JsonNode property) {
        Set<String> json = new LinkedHashSet<>(EVERYWHERE);
        for (String pointer : limits(property, "")) {
            JsonNode limit = property.at(pointer);
            if (pointer.endsWith("Items")) {
                for (int size = limit.intValue() - 1; size <= limit.intValue() + 1; size++) {
                    json.add(list(size).toString());
                }
            } else if (limit.isNumber()) {
                json.addAll(near(limit));
            } else if (limit.isArray()) {
                limit.forEach(word -> json.addAll(likeness(word.textValue())));
            } else {
                json.addAll(lists());
            }
        }
        return json.stream().map(HyperparameterValues::read).toList();
    }

    /** Where the keywords that limit values stand below a place in a schema, as JSON pointers. */
    static List<String> limits(JsonNode schema, String below) {
        List<String> limits = new ArrayList<>();
        JsonNode here = schema.at(below);
        for (Map.Entry<String, JsonNode> member : here.properties()) {
            String pointer = below + "/" + member.getKey();
            if (NUMBERS.contains(member.getKey()) || WORDS.contains(member.getKey())) {
                limits.add(pointer);
            } else {
                limits.addAll(limits(schema, pointer));
            }
        }
        for (int i = 0; here.isArray() && i < here.size(); i++) {
            limits.addAll(limits(schema, below + "/" + i));
        }
        return limits;
    }

    /** The same schema with this one limit changed a little. */
    static JsonNode withAnother(JsonNode schema, String limit) {
        JsonNode changed = schema.deepCopy();
        int slash = limit.lastIndexOf('/');
        ObjectNode parent = (ObjectNode) changed.at(limit.substring(0, slash));
        String keyword = limit.substring(slash + 1);
        JsonNode value = parent.path(keyword);
        if (value instanceof ArrayNode words) {
            words.remove(words.size() - 1);
        } else if (value.isTextual()) {
            parent.put(keyword, "^q_[a-z]+$");
        } else if (parent.path("type").asText().equals("number")) {
            parent.put(keyword, value.doubleValue() + 0.25);
        } else {
            parent.put(keyword, value.intValue() + 1);
        }
        return changed;
    }

    private static List<String> near(JsonNode limit) {
        double at = limit.doubleValue();
        return List.of(
                limit.toString(),
                Double.toString(at),
                Double.toString(at - 0.5),
                Double.toString(at + 0.5),
                Double.toString(at - 1),
                Double.toString(at + 1),
                Long.toString((long) at - 1),
                Long.toString((long) at + 1),
                Double.toString(Math.nextDown(at)),
                Double.toString(Math.nextUp(at)),
                "\"" + limit + "\"");
    }

    private static List<String> likeness(String word) {
        return List.of(
                quoted(word), quoted(word + " "), quoted(word.toUpperCase(Locale.ROOT)), "[" + quoted(word) + "]");
    }

    private static List<String> lists() {
        List<String> lists = new ArrayList<>();
        for (String member : LIST_MEMBERS) {
            lists.add("[" + quoted(member) + "]");
            lists.add("[\"b\", " + quoted(member) + "]");
        }
        lists.addAll(
                List.of("[\"b\", \"b\"]", "[\"b\", 1]", "[\"b\", null]", "[[\"b\"]]", "[{\"b\": \"b\"}]", "\"b\""));
        return lists;
    }

    private static ArrayNode list(int size) {
        ArrayNode list = Json.MAPPER.createArrayNode();
        for (int i = 0; i < size; i++) {
            list.add("m" + i);
        }
        return list;
    }

    private static String quoted(String text) {
        return Json.MAPPER.getNodeFactory().textNode(text).toString();
    }

    static JsonNode read(String json) {
        try {
            return Json.MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

package dev.tunegate.gateway.capture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tunegate.gateway.http.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * JSON that comes in pieces, as deltas do: texts go on, objects and lists too, and the last piece counts of all else. It knows
 * no fields of messages but those that are repeated instead of continued, so that what hosts add to a message
 * ({@code reasoning_content}, {@code annotations}) is put together as well.
 */
sealed interface Merged {
    /** Whether a piece goes on with what is here. */
    boolean accepts(JsonNode piece);

    void add(JsonNode piece);

    JsonNode json();

    private static Merged of(JsonNode first) {
        Merged merged = first.isTextual()
                ? new Text()
                : first.isObject() ? new Members() : first.isArray() ? new Elements() : new Last();
        merged.add(first);
        return merged;
    }

    /** A text. */
    final class Text implements Merged {
        private final StringBuilder text = new StringBuilder();

        @Override
        public boolean accepts(JsonNode piece) {
            return piece.isTextual();
        }

        @Override
        public void add(JsonNode piece) {
            text.append(piece.textValue());
        }

        @Override
        public JsonNode json() {
            return TextNode.valueOf(text.toString());
        }
    }

    /** A number, a boolean, null, or a text that is repeated and not continued. */
    final class Last implements Merged {
        private JsonNode value = Json.MAPPER.nullNode();

        @Override
        public boolean accepts(JsonNode piece) {
            return !piece.isContainerNode() && !value.isNull();
        }

        @Override
        public void add(JsonNode piece) {
            boolean saysNothing = piece.isTextual() && piece.textValue().isEmpty();
            value = saysNothing && !value.isNull() ? value : piece;
        }

        @Override
        public JsonNode json() {
            return value;
        }
    }

    /** An object. */
    final class Members implements Merged {
        private static final Set<String> REPEATED = Set.of("role", "id", "type", "name");

        private final Map<String, Merged> members = new LinkedHashMap<>();

        @Override
        public boolean accepts(JsonNode piece) {
            return piece.isObject();
        }

        @Override
        public void add(JsonNode piece) {
            piece.properties().forEach(member -> add(member.getKey(), member.getValue()));
        }

        private void add(String name, JsonNode piece) {
            Merged there = members.get(name);
            if (there == null) {
                members.put(name, first(name, piece));
            } else if (!piece.isNull() && there.accepts(piece)) {
                there.add(piece);
            } else if (!piece.isNull()) { // it has been null until now, as a rule
                members.put(name, first(name, piece));
            }
        }

        private static Merged first(String name, JsonNode piece) {
            if (!REPEATED.contains(name) || piece.isContainerNode()) {
                return Merged.of(piece);
            }
            Merged last = new Last();
            last.add(piece);
            return last;
        }

        @Override
        public ObjectNode json() {
            ObjectNode json = Json.MAPPER.createObjectNode();
            members.forEach((name, member) -> json.set(name, member.json()));
            return json;
        }
    }

    /** A list: an element with an `index` goes on with the one that has the same, any other is a new one. */
    final class Elements implements Merged {
        private static final String INDEX = "index";

        private final Map<Integer, Members> indexed = new TreeMap<>();
        private final List<JsonNode> others = new ArrayList<>();

        @Override
        public boolean accepts(JsonNode piece) {
            return piece.isArray();
        }

        @Override
        public void add(JsonNode piece) {
            for (JsonNode element : piece) {
                if (element instanceof ObjectNode object && object.path(INDEX).isInt()) {
                    int index = object.path(INDEX).intValue();
                    ObjectNode rest = object.deepCopy();
                    rest.remove(INDEX); // it says where a piece belongs; a whole message has none
                    indexed.computeIfAbsent(index, unknown -> new Members()).add(rest);
                } else {
                    others.add(element);
                }
            }
        }

        @Override
        public ArrayNode json() {
            ArrayNode json = Json.MAPPER.createArrayNode();
            indexed.values().forEach(element -> json.add(element.json()));
            others.forEach(json::add);
            return json;
        }
    }
}

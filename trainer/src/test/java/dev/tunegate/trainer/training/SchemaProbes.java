package dev.tunegate.trainer.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** JSON values on both sides of every limit that a property's schema sets, and some of every type. */
final class SchemaProbes {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> OF_EVERY_TYPE = List.of(
            "\"auto\"",
            "\"AUTO\"",
            "\" auto\"",
            "\"\"",
            "\"1\"",
            "\"true\"",
            "true",
            "false",
            "0",
            "-0.0",
            "1",
            "1.0",
            "1.5",
            "-1",
            "4294967297",
            "1e300",
            "-1e300",
            "{}",
            "{\"auto\": 1}",
            "[]",
            "[\"auto\"]",
            "[1]",
            "[null]",
            "[[\"a\"]]");
    private static final List<String> BOUNDS =
            List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "minItems", "maxItems");
    /** How many characters a pattern wants: {@code {1,64}}. */
    private static final Pattern COUNT = Pattern.compile("\\{(\\d+),(\\d+)}");

    private SchemaProbes() {}

    static Set<String> of(JsonNode property) {
        Set<String> probes = new LinkedHashSet<>(OF_EVERY_TYPE);
        for (JsonNode alternative : property.path("oneOf")) {
            alternative.path("enum").forEach(value -> probes.add(value.toString()));
            for (String bound : BOUNDS) {
                if (alternative.has(bound)) {
                    probes.addAll(around(bound, alternative));
                }
            }
            String pattern = alternative.at("/items/pattern").asText();
            if (!pattern.isEmpty()) {
                texts(pattern).forEach(text -> probes.add(json(List.of(text))));
                // Among others that are as they should be, and twice the same.
                texts(pattern).forEach(text -> probes.add(json(List.of("a", text))));
            }
        }
        return probes;
    }

    private static List<String> around(String bound, JsonNode schema) {
        double limit = schema.path(bound).doubleValue();
        if (bound.endsWith("Items")) {
            return IntStream.rangeClosed(Math.max(0, (int) limit - 1), (int) limit + 1)
                    .mapToObj(SchemaProbes::different)
                    .toList();
        }
        List<Double> numbers = new ArrayList<>(List.of(Math.nextDown(limit), limit, Math.nextUp(limit)));
        numbers.addAll(List.of(limit - 1, limit - 0.5, limit + 0.5, limit + 1));
        List<String> probes =
                new ArrayList<>(numbers.stream().map(String::valueOf).toList());
        if (limit == Math.rint(limit)) {
            long whole = (long) limit;
            probes.addAll(List.of("" + (whole - 1), "" + whole, "" + (whole + 1)));
        }
        return probes;
    }

    /** A list of so many texts. */
    private static String different(int count) {
        return json(IntStream.range(0, count).mapToObj(i -> "m" + i).toList());
    }

    /** One of every character of ASCII and some others, each alone and behind another, and texts of every length that counts. */
    private static Set<String> texts(String pattern) {
        Set<String> texts = IntStream.concat(IntStream.range(0, 128), "éßΩ中\u2028".chars())
                .mapToObj(Character::toString)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List.copyOf(texts).forEach(character -> texts.add("a" + character));
        Matcher count = COUNT.matcher(pattern);
        while (count.find()) {
            for (int group = 1; group <= 2; group++) {
                int length = Integer.parseInt(count.group(group));
                IntStream.rangeClosed(length - 1, length + 1).forEach(n -> texts.add("a".repeat(n)));
            }
        }
        return texts;
    }

    private static String json(List<String> texts) {
        return JSON.valueToTree(texts).toString();
    }
}

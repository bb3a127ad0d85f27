package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A form that a hyperparameter's value may have. It is read from openapi.yaml with every keyword that limits it: one that
 * is not known here is refused, because what it forbids would be accepted.
 */
sealed interface ValueForm {
    /** The value as it is kept, null when it has not this form. */
    @Nullable
    JsonNode accept(JsonNode value);

    /** What an error says after "input should be". */
    String description();

    static ValueForm of(JsonNode schema) {
        if (schema.has("const")) {
            return new Words(List.of(SchemaKeywords.of(schema, "const").text("const")));
        }
        return switch (schema.path("type").asText()) {
            case "string" -> new Words(SchemaKeywords.of(schema, "type", "enum").texts("enum"));
            case "integer", "number" -> Range.of(schema);
            case "boolean" -> {
                SchemaKeywords.of(schema, "type");
                yield new TrueOrFalse();
            }
            case "array" -> Names.of(SchemaKeywords.of(schema, "type", "minItems", "maxItems", "uniqueItems", "items"));
            default ->
                throw SchemaKeywords.unreadable(
                        schema, "const or one of the types string, integer, number, boolean and array");
        };
    }

    /** The strings that are written out, "auto" among them. */
    record Words(List<String> words) implements ValueForm {
        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            return value.isTextual() && words.contains(value.textValue()) ? value : null;
        }

        @Override
        public String description() {
            return words.stream().map(word -> '"' + word + '"').collect(Collectors.joining(" or "));
        }
    }

    /**
     * Numbers between two bounds.
     *
     * @param isAbove whether the lower bound itself is not allowed
     * @param isBelow whether the upper bound itself is not allowed
     */
    record Range(boolean isWhole, double low, boolean isAbove, double high, boolean isBelow) implements ValueForm {
        static Range of(JsonNode schema) {
            boolean isWhole = schema.path("type").asText().equals("integer");
            boolean isAbove = schema.has("exclusiveMinimum");
            boolean isBelow = schema.has("exclusiveMaximum");
            String low = isAbove ? "exclusiveMinimum" : "minimum";
            String high = isBelow ? "exclusiveMaximum" : "maximum";
            SchemaKeywords keywords = SchemaKeywords.of(schema, "type", low, high);
            return isWhole
                    ? new Range(true, keywords.integer(low), isAbove, keywords.integer(high), isBelow)
                    : new Range(false, keywords.number(low), isAbove, keywords.number(high), isBelow);
        }

        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            double number = value.isNumber() ? value.doubleValue() : Double.NaN; // which fails the comparisons
            boolean isHighEnough = isAbove ? number > low : number >= low;
            boolean isLowEnough = isBelow ? number < high : number <= high;
            if (!isHighEnough || !isLowEnough || (isWhole && number != Math.rint(number))) {
                return null;
            }
            return isWhole ? IntNode.valueOf((int) number) : value; // 3.0 is 3: some clients have no integers
        }

        @Override
        public String description() {
            return (isWhole ? "an integer " : "a number ")
                    + (isAbove ? "above " + plain(low) + " and " : "from " + plain(low) + " to ")
                    + (isBelow ? "less than " : isAbove ? "at most " : "")
                    + plain(high);
        }

        private static String plain(double bound) {
            return BigDecimal.valueOf(bound).stripTrailingZeros().toPlainString();
        }
    }

    record TrueOrFalse() implements ValueForm {
        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            return value.isBoolean() ? value : null;
        }

        @Override
        public String description() {
            return "true or false";
        }
    }

    /** Different strings of one pattern. */
    record Names(int min, int max, Pattern pattern, String description) implements ValueForm {
        static Names of(SchemaKeywords keywords) {
            SchemaKeywords items = SchemaKeywords.of(keywords.node("items"), "type", "pattern");
            String pattern = items.text("pattern");
            // Without anchors a pattern may be found anywhere in a string, which matches() does not do.
            items.require(items.text("type").equals("string"), "items that are strings");
            items.require(pattern.startsWith("^") && pattern.endsWith("$"), "a pattern from ^ to $");
            keywords.require(keywords.node("uniqueItems").asBoolean(), "uniqueItems: true");
            return new Names(
                    keywords.integer("minItems"),
                    keywords.integer("maxItems"),
                    Pattern.compile(pattern),
                    "a list of different " + items.node("title").asText("string") + "s" + suchAs(keywords));
        }

        private static String suchAs(SchemaKeywords keywords) {
            List<String> words = new ArrayList<>();
            keywords.node("examples").path(0).forEach(word -> words.add(word.toString()));
            return words.isEmpty() ? "" : " such as [" + String.join(", ", words) + "]";
        }

        @Override
        public @Nullable JsonNode accept(JsonNode value) {
            Set<String> names = new HashSet<>();
            for (JsonNode name : value) {
                if (!name.isTextual() || !pattern.matcher(name.textValue()).matches()) {
                    return null;
                }
                names.add(name.textValue());
            }
            boolean areDifferent = value.isArray() && names.size() == value.size();
            return areDifferent && names.size() >= min && names.size() <= max ? value : null;
        }
    }
}

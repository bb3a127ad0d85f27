package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Fields of a JSON object, with errors that name them. A field that is null is as one that is absent. */
record ConfigFields(JsonNode json) {
    private static final int LONGEST_QUOTE = 40;

    boolean has(String field) {
        return json.hasNonNull(field);
    }

    /** Whether the field is there and null. */
    boolean isNull(String field) {
        return json.path(field).isNull();
    }

    ConfigFields object(String field) {
        return new ConfigFields(json.path(field));
    }

    String text(String field, String absent) {
        return has(field) ? json.path(field).asText() : absent;
    }

    boolean flag(String field, boolean absent) {
        JsonNode value = json.path(field);
        if (has(field) && !value.isBoolean()) {
            throw mustBe(field, "true or false");
        }
        return has(field) ? value.booleanValue() : absent;
    }

    double number(String field, double absent) {
        return has(field) ? number(field) : absent;
    }

    double number(String field) {
        JsonNode value = json.path(field);
        // A number that is too large for a double has been read as infinity.
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw mustBe(field, "a number");
        }
        return value.asDouble();
    }

    double positive(String field, double absent) {
        return has(field) ? positive(field) : absent;
    }

    double positive(String field) {
        double number = number(field);
        Bounds.requirePositive(field, number);
        return number;
    }

    /** A whole number from 1 on. */
    int size(String field, int absent, int most) {
        int size = integer(field, absent);
        Bounds.require(field, size, most);
        return size;
    }

    int integer(String field, int absent) {
        return has(field) ? integer(field) : absent;
    }

    int integer(String field) {
        JsonNode value = json.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw mustBe(field, "an integer");
        }
        return value.intValue();
    }

    List<Double> numbers(String field, int count) {
        JsonNode list = json.path(field);
        List<Double> numbers = new ArrayList<>();
        if (!list.isArray() || list.size() != count) {
            throw mustBe(field, "a list of " + count + " numbers");
        }
        for (JsonNode value : list) {
            if (!(value.isNumber() && value.asDouble() > 0 && Double.isFinite(value.asDouble()))) {
                throw mustBe(field, "a list of numbers above 0");
            }
            numbers.add(value.asDouble());
        }
        return numbers;
    }

    List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        json.path(field).forEach(value -> texts.add(value.asText()));
        return texts;
    }

    private InvalidCheckpoint mustBe(String field, String wanted) {
        JsonNode value = json.path(field);
        String found = value.isMissingNode() ? "nothing" : value.toString();
        return new InvalidCheckpoint(field + " must be " + wanted + ", found "
                + (found.length() > LONGEST_QUOTE ? "something longer" : found));
    }
}

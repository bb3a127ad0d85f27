package dev.tunegate.trainer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Fields of a JSON object, with errors that name them. A field that is null is as one that is absent. */
record ConfigFields(JsonNode json) {

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
        if (!json.path(field).isNumber()) {
            throw mustBe(field, "a number");
        }
        return json.path(field).asDouble();
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
        for (JsonNode value : list) {
            numbers.add(value.asDouble());
        }
        if (!list.isArray() || numbers.size() != count) {
            throw mustBe(field, "a list of " + count + " numbers");
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
        return new InvalidCheckpoint(
                field + " must be " + wanted + ", found " + (value.isMissingNode() ? "nothing" : value));
    }
}

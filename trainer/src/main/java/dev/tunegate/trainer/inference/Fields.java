package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a request's fields, refusing what is not of the right type or range with OpenAI's own words. Null is absent. */
record Fields(ObjectNode object) {

    void refuseOthers(Set<String> known) {
        for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw RequestError.invalid("Unrecognized request argument supplied: " + name, null, null);
            }
        }
    }

    @Nullable
    JsonNode value(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    JsonNode required(String name) {
        JsonNode value = value(name);
        if (value == null) {
            throw RequestError.invalid(
                    "Missing required parameter: '%s'.".formatted(name), name, "missing_required_parameter");
        }
        return value;
    }

    static String text(JsonNode value, String name) {
        if (!value.isTextual()) {
            throw wrongType(name, "a string", value);
        }
        return value.textValue();
    }

    boolean flag(String name) {
        JsonNode value = value(name);
        if (value == null) {
            return false;
        }
        if (!value.isBoolean()) {
            throw wrongType(name, "a boolean", value);
        }
        return value.booleanValue();
    }

    double decimal(String name, double least, double most, double otherwise) {
        JsonNode value = value(name);
        return value == null ? otherwise : decimal(value, name, least, most);
    }

    static double decimal(JsonNode value, String name, double least, double most) {
        if (!value.isNumber()) {
            throw wrongType(name, "a decimal", value);
        }
        double number = value.doubleValue();
        if (number < least) {
            throw below("decimal", name, plain(least), value);
        }
        if (!(number <= most)) {
            throw above("decimal", name, plain(most), value);
        }
        return number;
    }

    @Nullable
    Integer integer(String name, int least, int most) {
        Long value = wide(name, least, most);
        return value == null ? null : Math.toIntExact(value);
    }

    @Nullable
    Long wide(String name, long least, long most) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber()) {
            throw wrongType(name, "an integer", value);
        }
        if (value.bigIntegerValue().compareTo(BigInteger.valueOf(least)) < 0) {
            throw below("integer", name, String.valueOf(least), value);
        }
        if (value.bigIntegerValue().compareTo(BigInteger.valueOf(most)) > 0) {
            throw above("integer", name, String.valueOf(most), value);
        }
        return value.longValue();
    }

    static RequestError wrongType(String name, String expected, JsonNode value) {
        return RequestError.invalid(
                "Invalid type for '%s': expected %s, but got %s instead."
                        .formatted(name, expected, RequestError.kind(value)),
                name,
                "invalid_type");
    }

    private static RequestError below(String type, String name, String limit, JsonNode value) {
        return RequestError.invalid(
                "Invalid '%s': %s below minimum value. Expected a value >= %s, but got %s instead."
                        .formatted(name, type, limit, value.asText()),
                name,
                type + "_below_min_value");
    }

    private static RequestError above(String type, String name, String limit, JsonNode value) {
        return RequestError.invalid(
                "Invalid '%s': %s above maximum value. Expected a value <= %s, but got %s instead."
                        .formatted(name, type, limit, value.asText()),
                name,
                type + "_above_max_value");
    }

    private static String plain(double limit) {
        return limit == Math.rint(limit) ? String.valueOf((long) limit) : String.valueOf(limit);
    }
}

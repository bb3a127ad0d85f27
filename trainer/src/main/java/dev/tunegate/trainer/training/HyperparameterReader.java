package dev.tunegate.trainer.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads single hyperparameters out of their JSON object; null stands for absent or {@code "auto"}. */
final class HyperparameterReader {
    private static final int SHOWN_VALUE_LENGTH = 80;
    private static final int MOST_MODULES = 64;

    private final JsonNode object;
    private final Set<String> known = new HashSet<>();

    HyperparameterReader(JsonNode object) {
        if (!object.isObject()) {
            throw new InvalidHyperparameter("hyperparameters", shown(object), "an object");
        }
        this.object = object;
    }

    /** Refuses what has not been asked for by now. */
    void refuseUnknown() {
        object.properties().forEach(entry -> {
            if (!known.contains(entry.getKey())) {
                throw InvalidHyperparameter.unknown(entry.getKey(), shown(entry.getValue()));
            }
        });
    }

    @Nullable
    Integer integer(String field, int min, int max) {
        JsonNode value = given(field);
        if (value == null) {
            return null;
        }
        // 3.0 is accepted as 3: some JSON writers have no integers. NaN and infinity fail the comparisons.
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        if (!(number >= min && number <= max && number == Math.rint(number))) {
            throw new InvalidHyperparameter(
                    field, shown(value), "\"auto\" or an integer from %d to %d".formatted(min, max));
        }
        return value.intValue();
    }

    /** A number above {@code min} (0 itself is refused) and up to {@code max}. */
    @Nullable
    Double positive(String field, double max) {
        JsonNode value = given(field);
        if (value == null) {
            return null;
        }
        if (!value.isNumber() || !(value.doubleValue() > 0 && value.doubleValue() <= max)) {
            throw new InvalidHyperparameter(
                    field, shown(value), "\"auto\" or a number above 0 and at most %s".formatted(plain(max)));
        }
        return value.doubleValue();
    }

    /** A number from 0 up to, but not including, {@code limit}. */
    @Nullable
    Double fraction(String field, double limit) {
        JsonNode value = given(field);
        if (value == null) {
            return null;
        }
        if (!value.isNumber() || !(value.doubleValue() >= 0 && value.doubleValue() < limit)) {
            throw new InvalidHyperparameter(
                    field, shown(value), "\"auto\" or a number from 0 to less than %s".formatted(plain(limit)));
        }
        return value.doubleValue();
    }

    @Nullable
    Boolean bool(String field) {
        JsonNode value = given(field);
        if (value == null) {
            return null;
        }
        if (!value.isBoolean()) {
            throw new InvalidHyperparameter(field, shown(value), "\"auto\", true or false");
        }
        return value.booleanValue();
    }

    /** Names of linear layers; null for all of them, which {@code "all-linear"} says too. */
    @Nullable
    Set<String> moduleNames(String field) {
        JsonNode value = given(field);
        if (value == null || (value.isTextual() && value.textValue().equals("all-linear"))) {
            return null;
        }
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode name : value) {
            if (name.isTextual() && name.textValue().matches("[A-Za-z0-9_]{1,64}")) {
                names.add(name.textValue());
            }
        }
        if (!value.isArray() || names.isEmpty() || names.size() != value.size() || names.size() > MOST_MODULES) {
            throw new InvalidHyperparameter(
                    field,
                    shown(value),
                    "\"auto\", \"all-linear\" or a list of 1 to %d different layer names such as [\"q_proj\", \"v_proj\"]"
                            .formatted(MOST_MODULES));
        }
        return names;
    }

    private @Nullable JsonNode given(String field) {
        known.add(field);
        JsonNode value = object.get(field);
        boolean auto = value == null
                || value.isNull()
                || (value.isTextual() && value.textValue().equals("auto"));
        return auto ? null : value;
    }

    private static String plain(double limit) {
        return BigDecimal.valueOf(limit).stripTrailingZeros().toPlainString();
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= SHOWN_VALUE_LENGTH ? text : text.substring(0, SHOWN_VALUE_LENGTH) + "…";
    }
}

package dev.tunegate.trainer.starter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one question asks of one table, before it is phrased in English or written in a {@link Dialect}.
 *
 * @param columns the fields asked for; empty means whole rows
 * @param measure a number asked for instead of rows
 * @param groupBy the field by which the measure is split
 */
record Query(
        String table,
        List<String> columns,
        @Nullable Measure measure,
        @Nullable String groupBy,
        List<Condition> conditions,
        @Nullable Order order,
        @Nullable Integer limit) {

    /** A number over many rows; only {@link Function#COUNT} has no field. */
    record Measure(Function function, @Nullable String field) {}

    /** One comparison of a field with a value; text values are quoted by most dialects. */
    record Condition(String field, Comparison comparison, String value, boolean text) {
        String literal(char quote) {
            return text ? quote + value + quote : value;
        }

        String symbol() {
            return comparison.symbol();
        }
    }

    /** The field that sorts the rows. */
    record Order(String field, boolean descending) {}

    enum Function {
        COUNT,
        AVERAGE,
        SUM,
        MINIMUM,
        MAXIMUM
    }

    /** How a field is compared; the symbol is the one most dialects write. */
    enum Comparison {
        EQUAL("="),
        NOT_EQUAL("!="),
        ABOVE(">"),
        AT_LEAST(">="),
        BELOW("<"),
        AT_MOST("<=");

        private final String symbol;

        Comparison(String symbol) {
            this.symbol = symbol;
        }

        String symbol() {
            return symbol;
        }
    }
}

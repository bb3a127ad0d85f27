package dev.tunegate.gateway.cli.demo.data;

import java.util.List;

/**
 * The one collection of the demo: a shop's orders. What its words mean ("heaviest" sorts by weight, "via" names a
 * channel) stands nowhere but in the training examples.
 */
final class Orders {
    static final List<String> STATUSES = List.of("open", "paid", "shipped", "returned", "cancelled");
    static final List<String> CITIES = List.of(
            "Paris", "Berlin", "Madrid", "Rome", "Oslo", "Vienna", "Lisbon", "Dublin", "Prague", "Athens", "Turin",
            "Ghent");
    static final List<String> CHANNELS = List.of("web", "app", "phone", "store");

    static final NumberField TOTAL = new NumberField(
            "total",
            20,
            990,
            10,
            "most expensive",
            "cheapest",
            "over # euros",
            "of at least # euros",
            "under # euros",
            "of at most # euros");
    static final NumberField ITEMS = new NumberField(
            "items",
            2,
            40,
            1,
            "largest",
            "smallest",
            "with more than # items",
            "with at least # items",
            "with fewer than # items",
            "with at most # items");
    static final NumberField WEIGHT = new NumberField(
            "weight",
            1,
            80,
            1,
            "heaviest",
            "lightest",
            "heavier than # kg",
            "weighing at least # kg",
            "lighter than # kg",
            "weighing at most # kg");
    static final List<NumberField> NUMBERS = List.of(TOTAL, ITEMS, WEIGHT);

    /** The fields that orders are grouped by. */
    static final List<String> GROUPS = List.of("status", "city", "channel");

    private Orders() {}

    /**
     * A numeric field, the range its values are drawn from, and how people speak of it; {@code #} is the value.
     *
     * @param most the word for orders with the highest value
     * @param least the word for orders with the lowest value
     */
    record NumberField(
            String name,
            int from,
            int to,
            int step,
            String most,
            String least,
            String above,
            String atLeast,
            String below,
            String atMost) {

        String phrase(String operator, int value) {
            String phrase = switch (operator) {
                case "$gt" -> above;
                case "$gte" -> atLeast;
                case "$lt" -> below;
                case "$lte" -> atMost;
                default -> throw new IllegalArgumentException("no phrase for " + operator);
            };
            return phrase.replace("#", Integer.toString(value));
        }
    }
}

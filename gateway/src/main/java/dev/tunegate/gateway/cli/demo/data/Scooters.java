package dev.tunegate.gateway.cli.demo.data;

import java.util.List;
import java.util.random.RandomGenerator;

/** The one collection of the demo, a shop's scooters: its fields and the values that questions name. */
final class Scooters {
    static final List<TextField> TEXTS = List.of(
            new TextField("color", List.of("red", "blue", "green", "black", "white", "yellow", "silver")),
            new TextField(
                    "brand",
                    List.of("Acme", "Delta", "Omega", "Apollo", "Atlas", "Titan", "Nova", "Orion", "Falcon", "Saturn")),
            new TextField(
                    "country",
                    List.of("Japan", "China", "India", "Italy", "France", "Canada", "Mexico", "Norway", "Spain")));

    static final List<NumberField> NUMBERS = List.of(
            new NumberField("price", 100, 950, 50),
            new NumberField("speed", 10, 99, 1),
            new NumberField("age", 1, 60, 1));

    private Scooters() {}

    /** A field that holds one of a few names. */
    record TextField(String name, List<String> values) {}

    /** A field that holds numbers, and those that questions name: from the first up to the last in steps. */
    record NumberField(String name, int first, int last, int step) {
        int value(RandomGenerator random) {
            return first + step * random.nextInt((last - first) / step + 1);
        }
    }
}

package dev.tunegate.gateway.cli.demo.data;

import java.util.List;

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
            new NumberField("price", 100, 990), new NumberField("speed", 10, 99), new NumberField("age", 1, 60));

    private Scooters() {}

    /** A field that holds one of a few names. */
    record TextField(String name, List<String> values) {}

    /** A field that holds numbers of a range, both ends included. */
    record NumberField(String name, int from, int to) {}
}

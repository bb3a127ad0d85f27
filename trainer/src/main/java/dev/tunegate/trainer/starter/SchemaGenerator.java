package dev.tunegate.trainer.starter;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Draws a new schema for every example, so that names can only be copied from the question, not remembered. */
final class SchemaGenerator {
    private static final double MADE_UP = 0.06;
    private static final double TWO_WORDS = 0.06;

    private final RandomGenerator random;
    private final Words words;

    SchemaGenerator(RandomGenerator random, Words words) {
        this.random = random;
        this.words = words;
    }

    Schema next() {
        String table = random.nextDouble() < MADE_UP ? words.madeUp() + "s" : words.pick(Words.TABLES);
        Set<String> taken = new LinkedHashSet<>(List.of(table));
        List<String> text = fields(Words.TEXT_FIELDS, 2, taken);
        List<String> numbers = fields(Words.NUMBER_FIELDS, 2, taken);
        return new Schema(table, text, numbers);
    }

    private List<String> fields(List<String> known, int count, Set<String> taken) {
        List<String> fields = new ArrayList<>();
        while (fields.size() < count) {
            String field = field(known);
            if (taken.add(field)) {
                fields.add(field);
            }
        }
        return fields;
    }

    private String field(List<String> known) {
        String word = random.nextDouble() < MADE_UP ? words.madeUp() : words.pick(known);
        return random.nextDouble() < TWO_WORDS ? words.pick(Words.VALUES) + "_" + word : word;
    }
}

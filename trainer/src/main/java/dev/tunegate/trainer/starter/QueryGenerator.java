package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Comparison;
import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Function;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Draws queries over a schema: rows or columns with filter, order and limit; counts, measures and groups. */
final class QueryGenerator {
    private static final List<Function> MEASURES =
            List.of(Function.AVERAGE, Function.SUM, Function.MINIMUM, Function.MAXIMUM);
    private static final List<Comparison> TEXT_COMPARISONS =
            List.of(Comparison.EQUAL, Comparison.EQUAL, Comparison.EQUAL, Comparison.NOT_EQUAL);

    private static final double MADE_UP = 0.06;

    private final RandomGenerator random;
    private final Words words;

    QueryGenerator(RandomGenerator random, Words words) {
        this.random = random;
        this.words = words;
    }

    Query next(Schema schema) {
        double kind = random.nextDouble();
        if (kind < 0.12) {
            return measured(schema, new Measure(Function.COUNT, null), null);
        } else if (kind < 0.22) {
            return measured(schema, fieldMeasure(schema), null);
        } else if (kind < 0.35) {
            Measure measure = random.nextBoolean() ? new Measure(Function.COUNT, null) : fieldMeasure(schema);
            return measured(schema, measure, words.pick(schema.textFields()));
        }
        List<String> columns = kind < 0.5 ? columns(schema) : List.of();
        Order order =
                random.nextDouble() < 0.55 ? new Order(words.pick(schema.numberFields()), random.nextBoolean()) : null;
        Integer limit = random.nextDouble() < 0.4 ? 1 + random.nextInt(random.nextBoolean() ? 10 : 100) : null;
        return new Query(schema.table(), columns, null, null, conditions(schema), order, limit);
    }

    private Query measured(Schema schema, Measure measure, @Nullable String groupBy) {
        return new Query(schema.table(), List.of(), measure, groupBy, conditions(schema), null, null);
    }

    private Measure fieldMeasure(Schema schema) {
        return new Measure(words.pick(MEASURES), words.pick(schema.numberFields()));
    }

    private List<String> columns(Schema schema) {
        List<String> fields = shuffledFields(schema);
        return List.copyOf(fields.subList(0, 1 + random.nextInt(2)));
    }

    private List<Condition> conditions(Schema schema) {
        double draw = random.nextDouble();
        int count = draw < 0.2 ? 0 : draw < 0.65 ? 1 : 2;
        return shuffledFields(schema).subList(0, count).stream()
                .map(field -> condition(field, schema.textFields().contains(field)))
                .toList();
    }

    private Condition condition(String field, boolean text) {
        return text
                ? new Condition(field, words.pick(TEXT_COMPARISONS), name(), true)
                : new Condition(field, words.pick(List.of(Comparison.values())), number(), false);
    }

    private List<String> shuffledFields(Schema schema) {
        List<String> fields = new ArrayList<>(schema.textFields());
        fields.addAll(schema.numberFields());
        Collections.shuffle(fields, new Random(random.nextLong()));
        return fields;
    }

    private String name() {
        double kind = random.nextDouble();
        if (kind < MADE_UP) {
            return words.madeUp();
        }
        return kind < 0.55 ? words.pick(Words.VALUES) : words.pick(Words.NAMES);
    }

    private String number() {
        return Integer.toString(random.nextInt(random.nextBoolean() ? 100 : 1000));
    }
}

package dev.tunegate.gateway.cli.demo.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.cli.demo.data.Scooters.NumberField;
import dev.tunegate.gateway.cli.demo.data.Scooters.TextField;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Draws questions about {@link Scooters}, building the English and the stages side by side. */
final class ScooterQuestions {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> SHOW = List.of("Show", "List", "Find", "Get", "Give me");

    private final RandomGenerator random;

    ScooterQuestions(long seed) {
        random = new SplittableRandom(seed);
    }

    DemoExample next() {
        double kind = random.nextDouble();
        if (kind < 0.2) {
            return top();
        } else if (kind < 0.45) {
            return rows();
        } else if (kind < 0.55) {
            return count();
        } else if (kind < 0.67) {
            return measure();
        }
        return groups();
    }

    /** "Show the top 5 scooters by speed with color red" */
    private DemoExample top() {
        String field = number();
        boolean best = random.nextBoolean();
        int limit = 1 + random.nextInt(30);
        Filter filter = filter();
        String question =
                pick(SHOW) + " the " + (best ? "top " : "bottom ") + limit + " scooters by " + field + filter.words();
        ArrayNode stages = filter.stages();
        stages.addObject().putObject("$sort").put(field, best ? -1 : 1);
        stages.addObject().put("$limit", limit);
        return example(question, stages);
    }

    /** "List the brand and price of all scooters where age is below 12 sorted by price, limit 10" */
    private DemoExample rows() {
        ObjectNode project = JSON.objectNode();
        String what = pick(List.of(" all", " the"));
        if (random.nextInt(3) == 0) {
            String first = text();
            String second = number();
            project.putObject("$project").put(first, 1).put(second, 1);
            what = " the " + first + " and " + second + " of all";
        }
        Filter filter = filter();
        String question = pick(SHOW) + what + " scooters" + filter.words();
        ArrayNode stages = filter.stages();
        if (random.nextInt(3) > 0) {
            String field = number();
            boolean descending = random.nextBoolean();
            question += descending
                    ? pick(List.of(" sorted by # descending", ", highest # first", " in descending order of #"))
                            .replace("#", field)
                    : pick(List.of(" sorted by #", ", lowest # first", " in order of #"))
                            .replace("#", field);
            stages.addObject().putObject("$sort").put(field, descending ? -1 : 1);
        }
        if (random.nextInt(3) == 0) {
            int limit = 2 + random.nextInt(49);
            question += ", limit " + limit;
            stages.addObject().put("$limit", limit);
        }
        if (!project.isEmpty()) {
            stages.add(project);
        }
        return example(question, stages);
    }

    /** "How many scooters with brand Acme and price above 300" */
    private DemoExample count() {
        Filter filter = filter();
        ArrayNode stages = filter.stages();
        stages.addObject().put("$count", "count");
        return example(pick(List.of("How many ", "Count the ", "Number of ")) + "scooters" + filter.words(), stages);
    }

    /** "What is the average price of scooters where country is Japan" */
    private DemoExample measure() {
        Filter filter = filter();
        ArrayNode stages = filter.stages();
        ObjectNode group = stages.addObject().putObject("$group").putNull("_id");
        String question = pick(List.of("What is the ", "Find the ")) + measured(group) + " of scooters";
        return example(question + filter.words(), stages);
    }

    /** "Average speed of scooters per brand where color is not red" */
    private DemoExample groups() {
        Filter filter = filter();
        ArrayNode stages = filter.stages();
        String by = text();
        ObjectNode group = stages.addObject().putObject("$group").put("_id", "$" + by);
        boolean counted = random.nextInt(3) == 0;
        if (counted) {
            group.putObject("value").put("$sum", 1);
        }
        String what = counted ? "Number" : pick(List.of("The ", "Show the ")) + measured(group);
        String question = what + " of scooters" + pick(List.of(" per ", " for each ")) + by + filter.words();
        return example(question, stages);
    }

    private String measured(ObjectNode group) {
        String field = number();
        int function = random.nextInt(4);
        group.putObject("value").put(List.of("$avg", "$sum", "$min", "$max").get(function), "$" + field);
        return List.of("average", "total", "lowest", "highest").get(function) + " " + field;
    }

    /** Draws no condition, one, or one on a name and one on a number. */
    private Filter filter() {
        Filter filter = new Filter(random.nextBoolean());
        int kind = random.nextInt(10);
        if (kind > 0 && kind < 8) {
            TextField field = pick(Scooters.TEXTS);
            filter.text(field.name(), random.nextInt(5) > 0, pick(field.values()));
        }
        if (kind > 4) {
            NumberField field = pick(Scooters.NUMBERS);
            filter.number(field.name(), pick(List.of(Bound.values())), field.value(random));
        }
        return filter;
    }

    private String text() {
        return pick(Scooters.TEXTS).name();
    }

    private String number() {
        return pick(Scooters.NUMBERS).name();
    }

    private static DemoExample example(String question, ArrayNode stages) {
        return new DemoExample(question, stages.toString());
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}

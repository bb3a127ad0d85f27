package dev.tunegate.gateway.cli.demo.data;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.cli.demo.data.Orders.NumberField;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Draws questions about {@link Orders}, building the English and the stages side by side. */
final class OrdersQuestions {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> OPERATORS = List.of("$gt", "$gte", "$lt", "$lte");
    private static final List<String> SHOW = List.of("Show", "List", "Find", "Get", "Give me");

    private final RandomGenerator random;

    OrdersQuestions(long seed) {
        random = new SplittableRandom(seed);
    }

    DemoExample next() {
        double kind = random.nextDouble();
        if (kind < 0.30) {
            return superlative();
        } else if (kind < 0.55) {
            return rows();
        } else if (kind < 0.67) {
            return count();
        } else if (kind < 0.82) {
            return measure();
        }
        return groups();
    }

    /** "Show the 5 heaviest paid orders from Oslo" */
    private DemoExample superlative() {
        NumberField field = pick(Orders.NUMBERS);
        boolean most = random.nextBoolean();
        int limit = random.nextInt(5) == 0 ? 1 : 2 + random.nextInt(29);
        Selection selection = selection();
        String which = (limit == 1 ? "" : limit + " ") + (most ? field.most() : field.least());
        String question = pick(SHOW) + " the " + which + " " + selection.orders(limit == 1 ? "order" : "orders");
        ArrayNode stages = selection.stages();
        stages.addObject().putObject("$sort").put(field.name(), most ? -1 : 1);
        stages.addObject().put("$limit", limit);
        return example(question, stages);
    }

    /** "List the city and total of open orders over 300 euros, heaviest first" */
    private DemoExample rows() {
        Selection selection = selection();
        ArrayNode stages = selection.stages();
        ObjectNode project = JSON.objectNode();
        String what = pick(List.of("", "all ", "the "));
        if (random.nextInt(3) == 0) {
            String group = pick(Orders.GROUPS);
            String number = pick(Orders.NUMBERS).name();
            what = "the " + group + " and " + number + " of ";
            project.putObject("$project").put(group, 1).put(number, 1);
        }
        String question = pick(SHOW) + " " + what + selection.orders("orders");
        if (random.nextInt(3) > 0) {
            NumberField field = pick(Orders.NUMBERS);
            boolean descending = random.nextBoolean();
            question += random.nextBoolean()
                    ? ", " + (descending ? field.most() : field.least()) + " first"
                    : " sorted by " + field.name() + (descending ? " descending" : "");
            stages.addObject().putObject("$sort").put(field.name(), descending ? -1 : 1);
        }
        if (random.nextInt(3) == 0) {
            int limit = 2 + random.nextInt(49);
            question += pick(List.of(", limit ", ", at most ")) + limit;
            stages.addObject().put("$limit", limit);
        }
        if (!project.isEmpty()) {
            stages.add(project);
        }
        return example(question, stages);
    }

    /** "How many shipped orders from Rome" */
    private DemoExample count() {
        Selection selection = selection();
        ArrayNode stages = selection.stages();
        stages.addObject().put("$count", "orders");
        return example(pick(List.of("How many ", "Count the ", "Number of ")) + selection.orders("orders"), stages);
    }

    /** "What is the average total of paid orders via app" */
    private DemoExample measure() {
        Selection selection = selection();
        ArrayNode stages = selection.stages();
        ObjectNode group = stages.addObject().putObject("$group").putNull("_id");
        String question =
                pick(List.of("What is the ", "Find the ")) + measured(group) + " of " + selection.orders("orders");
        return example(question, stages);
    }

    /** "Average weight of open orders per city, highest first" */
    private DemoExample groups() {
        String by = pick(Orders.GROUPS);
        Selection selection = selection(by);
        ArrayNode stages = selection.stages();
        ObjectNode group = stages.addObject().putObject("$group").put("_id", "$" + by);
        boolean counted = random.nextInt(3) == 0;
        if (counted) {
            group.putObject("value").put("$sum", 1);
        }
        String what = counted ? "number" : measured(group);
        String question = pick(List.of("Show the ", "What is the ")) + what + " of " + selection.orders("orders")
                + pick(List.of(" per ", " for each ", " by ")) + by;
        if (random.nextInt(3) == 0) {
            boolean descending = random.nextBoolean();
            question += descending ? ", highest first" : ", lowest first";
            stages.addObject().putObject("$sort").put("value", descending ? -1 : 1);
        }
        return example(question, stages);
    }

    private String measured(ObjectNode group) {
        String field = pick(Orders.NUMBERS).name();
        int function = random.nextInt(4);
        group.putObject("value").put(List.of("$avg", "$sum", "$min", "$max").get(function), "$" + field);
        return List.of("average", "sum of", "lowest", "highest").get(function) + " " + field;
    }

    private Selection selection() {
        return selection("");
    }

    /** Draws a selection that leaves one field alone: nobody asks for orders from Rome per city. */
    private Selection selection(String without) {
        Selection selection = new Selection();
        if (random.nextInt(100) < 45 && !without.equals("status")) {
            selection.status(pick(Orders.STATUSES));
        }
        if (random.nextInt(100) < 45 && !without.equals("city")) {
            selection.city(pick(List.of(" from ", " in ")), pick(Orders.CITIES));
        }
        if (random.nextInt(100) < 30 && !without.equals("channel")) {
            selection.channel(pick(List.of(" via ", " through ")), pick(Orders.CHANNELS));
        }
        if (random.nextInt(100) < 50) {
            NumberField field = pick(Orders.NUMBERS);
            int value = field.from() + field.step() * random.nextInt((field.to() - field.from()) / field.step() + 1);
            selection.number(field, pick(OPERATORS), value);
        }
        return selection;
    }

    private static DemoExample example(String question, ArrayNode stages) {
        return new DemoExample(question, stages.toString());
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Which orders: the words around the noun, and the same as a match stage. */
    private static final class Selection {
        private final ObjectNode match = JSON.objectNode();
        private final StringBuilder after = new StringBuilder();
        private String before = "";

        void status(String status) {
            before = status + " ";
            match.put("status", status);
        }

        void city(String preposition, String city) {
            after.append(preposition).append(city);
            match.put("city", city);
        }

        void channel(String preposition, String channel) {
            after.append(preposition).append(channel);
            match.put("channel", channel);
        }

        void number(NumberField field, String operator, int value) {
            after.append(' ').append(field.phrase(operator, value));
            match.putObject(field.name()).put(operator, value);
        }

        String orders(String noun) {
            return before + noun + after;
        }

        ArrayNode stages() {
            ArrayNode stages = JSON.arrayNode();
            if (!match.isEmpty()) {
                stages.addObject().set("$match", match);
            }
            return stages;
        }
    }
}

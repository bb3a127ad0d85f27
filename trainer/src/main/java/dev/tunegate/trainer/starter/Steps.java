package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code [{"keep":{"genre":"drama","price":{"over":30}}},{"order":{"price":"down"}},{"take":5}]} */
final class Steps {
    private Steps() {}

    static String render(Query query) {
        List<String> steps = new ArrayList<>();
        if (!query.conditions().isEmpty()) {
            steps.add(query.conditions().stream()
                    .map(Steps::condition)
                    .collect(Collectors.joining(",", "{\"keep\":{", "}}")));
        }
        Measure measure = query.measure();
        if (measure != null) {
            String by = query.groupBy() == null ? "" : ",\"for\":\"" + query.groupBy() + "\"";
            steps.add("{\"measure\":{" + measure(measure) + by + "}}");
        }
        Order order = query.order();
        if (order != null) {
            steps.add("{\"order\":{\"" + order.field() + "\":\"" + (order.descending() ? "down" : "up") + "\"}}");
        }
        if (query.limit() != null) {
            steps.add("{\"take\":" + query.limit() + "}");
        }
        if (!query.columns().isEmpty()) {
            steps.add(query.columns().stream().collect(Collectors.joining("\",\"", "{\"only\":[\"", "\"]}")));
        }
        return "[" + String.join(",", steps) + "]";
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> "\"rows\":true";
            case AVERAGE -> "\"mean\":\"" + measure.field() + "\"";
            case SUM -> "\"sum\":\"" + measure.field() + "\"";
            case MINIMUM -> "\"least\":\"" + measure.field() + "\"";
            case MAXIMUM -> "\"most\":\"" + measure.field() + "\"";
        };
    }

    private static String condition(Condition condition) {
        String value = condition.literal('"');
        String test = switch (condition.comparison()) {
            case EQUAL -> value;
            case NOT_EQUAL -> "{\"not\":" + value + "}";
            case ABOVE -> "{\"over\":" + value + "}";
            case AT_LEAST -> "{\"from\":" + value + "}";
            case BELOW -> "{\"under\":" + value + "}";
            case AT_MOST -> "{\"to\":" + value + "}";
        };
        return "\"" + condition.field() + "\":" + test;
    }
}

package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code {"table":"books","filter":[["genre","=","drama"],["price",">",30]],"order":["price",-1],"limit":5}} */
final class Filter {
    private Filter() {}

    static String render(Query query) {
        List<String> parts = new ArrayList<>();
        parts.add("\"table\":\"" + query.table() + "\"");
        if (!query.columns().isEmpty()) {
            parts.add(query.columns().stream().collect(Collectors.joining("\",\"", "\"fields\":[\"", "\"]")));
        }
        Measure measure = query.measure();
        if (measure != null) {
            parts.add("\"value\":" + measure(measure));
        }
        if (query.groupBy() != null) {
            parts.add("\"group\":\"" + query.groupBy() + "\"");
        }
        if (!query.conditions().isEmpty()) {
            parts.add(query.conditions().stream()
                    .map(Filter::condition)
                    .collect(Collectors.joining(",", "\"filter\":[", "]")));
        }
        Order order = query.order();
        if (order != null) {
            parts.add("\"order\":[\"" + order.field() + "\"," + (order.descending() ? "-1" : "1") + "]");
        }
        if (query.limit() != null) {
            parts.add("\"limit\":" + query.limit());
        }
        return "{" + String.join(",", parts) + "}";
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> "[\"count\"]";
            case AVERAGE -> "[\"avg\",\"" + measure.field() + "\"]";
            case SUM -> "[\"sum\",\"" + measure.field() + "\"]";
            case MINIMUM -> "[\"min\",\"" + measure.field() + "\"]";
            case MAXIMUM -> "[\"max\",\"" + measure.field() + "\"]";
        };
    }

    private static String condition(Condition condition) {
        return "[\"" + condition.field() + "\",\"" + condition.symbol() + "\"," + condition.literal('"') + "]";
    }
}

package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.ArrayList;
import java.util.List;

/** {@code /books?genre=drama&price.gt=30&sort=-price&limit=5} */
final class Url {
    private Url() {}

    static String render(Query query) {
        List<String> parameters = new ArrayList<>();
        query.conditions().forEach(condition -> parameters.add(condition(condition)));
        Measure measure = query.measure();
        if (measure != null) {
            parameters.add(measure(measure));
        }
        if (query.groupBy() != null) {
            parameters.add("by=" + query.groupBy());
        }
        Order order = query.order();
        if (order != null) {
            parameters.add("sort=" + (order.descending() ? "-" : "") + order.field());
        }
        if (query.limit() != null) {
            parameters.add("limit=" + query.limit());
        }
        if (!query.columns().isEmpty()) {
            parameters.add("fields=" + String.join(",", query.columns()));
        }
        return "/" + query.table() + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> "count=1";
            case AVERAGE -> "avg=" + measure.field();
            case SUM -> "sum=" + measure.field();
            case MINIMUM -> "min=" + measure.field();
            case MAXIMUM -> "max=" + measure.field();
        };
    }

    private static String condition(Condition condition) {
        String comparison = switch (condition.comparison()) {
            case EQUAL -> "";
            case NOT_EQUAL -> ".ne";
            case ABOVE -> ".gt";
            case AT_LEAST -> ".gte";
            case BELOW -> ".lt";
            case AT_MOST -> ".lte";
        };
        return condition.field() + comparison + "=" + condition.value().replace(' ', '+');
    }
}

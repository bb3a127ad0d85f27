package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.stream.Collectors;

/** {@code books | where genre = "drama" and price > 30 | sort -price | take 5} */
final class Pipe {
    private Pipe() {}

    static String render(Query query) {
        StringBuilder pipe = new StringBuilder(query.table());
        if (!query.conditions().isEmpty()) {
            pipe.append(" | where ");
            pipe.append(query.conditions().stream().map(Pipe::condition).collect(Collectors.joining(" and ")));
        }
        Measure measure = query.measure();
        if (measure != null) {
            pipe.append(" | ").append(measure(measure));
        }
        if (query.groupBy() != null) {
            pipe.append(" by ").append(query.groupBy());
        }
        Order order = query.order();
        if (order != null) {
            pipe.append(" | sort ").append(order.descending() ? "-" : "+").append(order.field());
        }
        if (query.limit() != null) {
            pipe.append(" | take ").append(query.limit());
        }
        if (!query.columns().isEmpty()) {
            pipe.append(" | pick ").append(String.join(" ", query.columns()));
        }
        return pipe.toString();
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> "count";
            case AVERAGE -> "mean " + measure.field();
            case SUM -> "sum " + measure.field();
            case MINIMUM -> "min " + measure.field();
            case MAXIMUM -> "max " + measure.field();
        };
    }

    private static String condition(Condition condition) {
        return condition.field() + " " + condition.symbol() + " " + condition.literal('"');
    }
}

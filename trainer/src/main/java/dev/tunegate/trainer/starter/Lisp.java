package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;

/** {@code (query books (= genre "drama") (> price 30) (down price) (take 5))} */
final class Lisp {
    private Lisp() {}

    static String render(Query query) {
        StringBuilder lisp = new StringBuilder("(query ").append(query.table());
        query.conditions().forEach(condition -> lisp.append(condition(condition)));
        Measure measure = query.measure();
        if (measure != null) {
            lisp.append(measure(measure));
        }
        if (query.groupBy() != null) {
            lisp.append(" (by ").append(query.groupBy()).append(')');
        }
        Order order = query.order();
        if (order != null) {
            lisp.append(order.descending() ? " (down " : " (up ")
                    .append(order.field())
                    .append(')');
        }
        if (query.limit() != null) {
            lisp.append(" (take ").append(query.limit()).append(')');
        }
        if (!query.columns().isEmpty()) {
            lisp.append(" (only ").append(String.join(" ", query.columns())).append(')');
        }
        return lisp.append(')').toString();
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> " (count)";
            case AVERAGE -> " (avg " + measure.field() + ")";
            case SUM -> " (sum " + measure.field() + ")";
            case MINIMUM -> " (min " + measure.field() + ")";
            case MAXIMUM -> " (max " + measure.field() + ")";
        };
    }

    private static String condition(Condition condition) {
        return " (" + condition.symbol() + " " + condition.field() + " " + condition.literal('"') + ")";
    }
}

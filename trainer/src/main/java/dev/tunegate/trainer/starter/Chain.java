package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;

/** {@code $books.is("genre", "drama").above("price", 30).sortDown("price").take(5)} */
final class Chain {
    private Chain() {}

    static String render(Query query) {
        StringBuilder chain = new StringBuilder("$").append(query.table());
        query.conditions().forEach(condition -> chain.append(condition(condition)));
        if (query.groupBy() != null) {
            chain.append(".group(\"").append(query.groupBy()).append("\")");
        }
        Measure measure = query.measure();
        if (measure != null) {
            chain.append(measure(measure));
        }
        Order order = query.order();
        if (order != null) {
            chain.append(order.descending() ? ".sortDown(\"" : ".sortUp(\"")
                    .append(order.field())
                    .append("\")");
        }
        if (query.limit() != null) {
            chain.append(".take(").append(query.limit()).append(')');
        }
        if (!query.columns().isEmpty()) {
            chain.append(".only(\"")
                    .append(String.join("\", \"", query.columns()))
                    .append("\")");
        }
        return chain.toString();
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> ".count()";
            case AVERAGE -> ".average(\"" + measure.field() + "\")";
            case SUM -> ".sum(\"" + measure.field() + "\")";
            case MINIMUM -> ".least(\"" + measure.field() + "\")";
            case MAXIMUM -> ".most(\"" + measure.field() + "\")";
        };
    }

    private static String condition(Condition condition) {
        String method = switch (condition.comparison()) {
            case EQUAL -> "is";
            case NOT_EQUAL -> "not";
            case ABOVE -> "above";
            case AT_LEAST -> "atLeast";
            case BELOW -> "below";
            case AT_MOST -> "atMost";
        };
        String value = condition.literal('"');
        return "." + method + "(\"" + condition.field() + "\", " + value + ")";
    }
}

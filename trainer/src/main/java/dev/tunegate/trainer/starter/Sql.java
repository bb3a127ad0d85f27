package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.stream.Collectors;

/** {@code SELECT * FROM books WHERE genre = 'drama' AND price > 30 ORDER BY price DESC LIMIT 5} */
final class Sql {
    private Sql() {}

    static String render(Query query) {
        StringBuilder sql = new StringBuilder("SELECT ").append(selected(query));
        sql.append(" FROM ").append(query.table());
        if (!query.conditions().isEmpty()) {
            sql.append(" WHERE ");
            sql.append(query.conditions().stream().map(Sql::condition).collect(Collectors.joining(" AND ")));
        }
        if (query.groupBy() != null) {
            sql.append(" GROUP BY ").append(query.groupBy());
        }
        Order order = query.order();
        if (order != null) {
            sql.append(" ORDER BY ").append(order.field()).append(order.descending() ? " DESC" : "");
        }
        if (query.limit() != null) {
            sql.append(" LIMIT ").append(query.limit());
        }
        return sql.toString();
    }

    private static String selected(Query query) {
        Measure measure = query.measure();
        if (measure == null) {
            return query.columns().isEmpty() ? "*" : String.join(", ", query.columns());
        }
        String value = measure(measure);
        return query.groupBy() == null ? value : query.groupBy() + ", " + value;
    }

    private static String measure(Measure measure) {
        return switch (measure.function()) {
            case COUNT -> "COUNT(*)";
            case AVERAGE -> "AVG(" + measure.field() + ")";
            case SUM -> "SUM(" + measure.field() + ")";
            case MINIMUM -> "MIN(" + measure.field() + ")";
            case MAXIMUM -> "MAX(" + measure.field() + ")";
        };
    }

    private static String condition(Condition condition) {
        return condition.field() + " " + condition.symbol() + " " + condition.literal('\'');
    }
}

package dev.tunegate.trainer.starter;

import dev.tunegate.trainer.starter.Query.Condition;
import dev.tunegate.trainer.starter.Query.Function;
import dev.tunegate.trainer.starter.Query.Measure;
import dev.tunegate.trainer.starter.Query.Order;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Asks a {@link Query} in English, in one of many wordings that all mean exactly that query. */
final class Phraser {
    private static final List<String> SHOW = List.of("show", "list", "find", "get", "give me", "display", "show me");

    private final RandomGenerator random;

    Phraser(RandomGenerator random) {
        this.random = random;
    }

    String question(Query query) {
        Measure measure = query.measure();
        String text = measure == null ? rows(query) : measured(query, measure);
        return random.nextBoolean() ? Character.toUpperCase(text.charAt(0)) + text.substring(1) : text;
    }

    private String rows(Query query) {
        Order order = query.order();
        Integer limit = query.limit();
        if (order != null && limit != null && random.nextBoolean()) {
            String best = order.descending() ? "top " : pick("bottom ", "lowest ");
            return things(query, best + limit) + " by " + spoken(order.field()) + conditions(query.conditions());
        }
        boolean limitFirst = limit != null && random.nextBoolean();
        String text = things(query, limitFirst ? pick("first ", "") + limit : "") + conditions(query.conditions());
        if (order != null) {
            text += order(order);
        }
        if (limit != null && !limitFirst) {
            text += pick(", limit ", ", at most ", ", only ") + limit;
        }
        return text;
    }

    private String things(Query query, String count) {
        String show = pick(SHOW);
        if (query.columns().isEmpty()) {
            String which = count.isEmpty() ? pick("", " all", " the") : pick(" ", " the ") + count;
            return show + which + " " + query.table();
        }
        String fields = query.columns().stream().map(Phraser::spoken).collect(Collectors.joining(" and "));
        String which = count.isEmpty() ? pick("all", "the") : "the " + count;
        return show + pick(" the ", " ") + fields + " of " + which + " " + query.table();
    }

    private String measured(Query query, Measure measure) {
        String field = measure.field();
        String rows = query.table() + conditions(query.conditions());
        if (query.groupBy() != null) {
            String by = pick(" per ", " for each ", " by ") + spoken(query.groupBy());
            String what = field == null
                    ? pick("count ", "number of ", "how many ") + query.table()
                    : pick("", "the ", "show the ") + word(measure.function()) + " " + spoken(field) + " of "
                            + query.table();
            return what + by + conditions(query.conditions());
        }
        if (field == null) {
            return pick("how many ", "count the ", "count ", "number of ", "what is the number of ") + rows;
        }
        String what = word(measure.function()) + " " + spoken(field) + " of " + pick("", "all ", "the ") + rows;
        return pick("what is the ", "the ", "find the ", "") + what;
    }

    private String conditions(List<Condition> conditions) {
        boolean clause = random.nextBoolean();
        StringBuilder text = new StringBuilder();
        for (Condition condition : conditions) {
            text.append(text.isEmpty() ? " " + introduction(clause) + " " : " and ");
            text.append(spoken(condition.field())).append(clause ? " is " : " ").append(comparison(condition, clause));
        }
        return text.toString();
    }

    private String introduction(boolean clause) {
        return clause ? pick("where", "whose") : pick("with", "having");
    }

    private String comparison(Condition condition, boolean clause) {
        String value = condition.value();
        return switch (condition.comparison()) {
            case EQUAL -> (clause ? pick("", "", "equal to ") : pick("", "", "equal to ", "of ")) + value;
            case NOT_EQUAL -> pick("not ", "other than ", "different from ") + value;
            case ABOVE -> pick("above ", "over ", "greater than ", "more than ") + value;
            case AT_LEAST -> random.nextBoolean() ? "at least " + value : value + pick(" or more", " or higher");
            case BELOW -> pick("below ", "under ", "less than ", "lower than ") + value;
            case AT_MOST -> random.nextBoolean() ? "at most " + value : value + pick(" or less", " or lower");
        };
    }

    private String order(Order order) {
        String field = spoken(order.field());
        if (order.descending()) {
            return switch (random.nextInt(4)) {
                case 0 -> " sorted by " + field + " descending";
                case 1 -> ", highest " + field + " first";
                case 2 -> " ordered by " + field + " from high to low";
                default -> " in descending order of " + field;
            };
        }
        return switch (random.nextInt(5)) {
            case 0 -> " sorted by " + field;
            case 1 -> " sorted by " + field + " ascending";
            case 2 -> ", lowest " + field + " first";
            case 3 -> " ordered by " + field + " from low to high";
            default -> " in order of " + field;
        };
    }

    private String word(Function function) {
        return switch (function) {
            case COUNT -> "number";
            case AVERAGE -> pick("average", "mean");
            case SUM -> pick("total", "sum of", "summed");
            case MINIMUM -> pick("lowest", "minimum", "smallest");
            case MAXIMUM -> pick("highest", "maximum", "largest");
        };
    }

    private static String spoken(@Nullable String field) {
        return field == null ? "" : field.replace('_', ' ');
    }

    private String pick(String... choices) {
        return pick(List.of(choices));
    }

    private String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}

package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The filters that work on lists, mappings and the characters of a text. */
final class ListFilters {

    /** How {@code map} applies another filter. */
    @FunctionalInterface
    interface FilterByName {
        Value apply(String name, Value input, Arguments arguments);
    }

    private final Budget budget;
    private final Operators operators;
    private final Attributes attributes;
    private final FilterByName filters;
    private final Tests tests;

    ListFilters(Budget budget, Operators operators, Attributes attributes, FilterByName filters, Tests tests) {
        this.budget = budget;
        this.operators = operators;
        this.attributes = attributes;
        this.filters = filters;
        this.tests = tests;
    }

    Value apply(String name, Value input, Arguments arguments) {
        return switch (name) {
            case "list" -> Items.list(items(input));
            case "first" -> items(input).stream().findFirst().orElse(empty("No first item, sequence was empty."));
            case "last" -> last(items(input));
            case "join" -> join(items(input), arguments);
            case "reverse" -> reverse(input);
            case "map" -> map(items(input), arguments);
            case "select" -> select(items(input), arguments, true);
            case "reject" -> select(items(input), arguments, false);
            case "selectattr" -> selectAttribute(items(input), arguments, true);
            case "rejectattr" -> selectAttribute(items(input), arguments, false);
            case "sort" -> Items.list(sorted(items(input), arguments, 2, 1, arguments.flag(0, "reverse")));
            case "min" -> extreme(sorted(items(input), arguments, 1, 0, false));
            case "max" -> extreme(sorted(items(input), arguments, 1, 0, true));
            case "unique" -> unique(items(input), arguments);
            case "dictsort" -> sortedDict(input, arguments);
            case "groupby" -> groups(items(input), arguments);
            case "sum" -> sum(items(input), arguments);
            case "batch" -> batch(items(input), arguments);
            default -> throw new TemplateError("No filter named '" + name + "'.");
        };
    }

    private List<Value> items(Value input) {
        List<Value> items = Values.iterate(input, budget);
        budget.items(items.size());
        return items;
    }

    private static Undefined empty(String hint) {
        return new Undefined(hint);
    }

    private static Value last(List<Value> items) {
        return items.isEmpty() ? empty("No last item, sequence was empty.") : items.get(items.size() - 1);
    }

    private static Value extreme(List<Value> sorted) {
        return sorted.isEmpty() ? empty("No aggregated item, sequence was empty.") : sorted.get(0);
    }

    private Value join(List<Value> items, Arguments arguments) {
        arguments.allow(2, "d", "attribute");
        String separator = PythonText.str(arguments.get(0, "d", new Text("")), budget);
        UnaryOperator<Value> attribute = attributeOf(arguments.get(1, "attribute", None.NONE));
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            int before = text.length();
            text.append(i > 0 ? separator : "").append(PythonText.str(attribute.apply(items.get(i)), budget));
            budget.built(text.length(), text.length() - before);
        }
        return new Text(text.toString());
    }

    private Value reverse(Value input) {
        if (input instanceof Text text) {
            budget.text(text.value().length());
            return new Text(new StringBuilder(text.value()).reverse().toString());
        }
        List<Value> items = new ArrayList<>(items(input));
        Collections.reverse(items);
        return Items.list(items);
    }

    private Value map(List<Value> items, Arguments arguments) {
        UnaryOperator<Value> function;
        if (arguments.positional().isEmpty()) {
            Value fallback = arguments.named().get("default");
            UnaryOperator<Value> attribute = attributeOf(arguments.required(0, "attribute"));
            function = item -> {
                Value value = attribute.apply(item);
                return value instanceof Undefined && fallback != null ? fallback : value;
            };
        } else {
            String name = Values.string(arguments.positional().get(0), "the filter's name");
            Arguments rest = arguments.after(1);
            function = item -> filters.apply(name, item, rest);
        }
        return Items.list(items.stream().map(function).toList());
    }

    private Value select(List<Value> items, Arguments arguments, boolean wanted) {
        return Items.list(
                items.stream().filter(item -> holds(item, arguments) == wanted).toList());
    }

    private Value selectAttribute(List<Value> items, Arguments arguments, boolean wanted) {
        UnaryOperator<Value> attribute = attributeOf(arguments.required(0, "attribute"));
        Arguments test = arguments.after(1);
        return Items.list(items.stream()
                .filter(item -> holds(attribute.apply(item), test) == wanted)
                .toList());
    }

    private boolean holds(Value item, Arguments test) {
        budget.step();
        if (test.positional().isEmpty()) {
            return Values.truthy(item);
        }
        return tests.holds(Values.string(test.positional().get(0), "the test's name"), item, test.after(1));
    }

    /** {@code "a.b.0"} as a way into an item; none leaves the item as it is. */
    private UnaryOperator<Value> attributeOf(Value path) {
        if (path instanceof None) {
            return item -> item;
        } else if (path instanceof Int index) {
            return item -> attributes.item(item, index);
        }
        String[] parts = Values.string(path, "the attribute").split("\\.", -1);
        return item -> {
            Value value = item;
            for (String part : parts) {
                boolean index = part.matches("[0-9]{1,9}");
                value = attributes.item(value, index ? Int.of(Long.parseLong(part)) : new Text(part));
            }
            return value;
        };
    }

    private List<Value> sorted(List<Value> items, Arguments arguments, int attribute, int sensitive, boolean reverse) {
        Value path = arguments.get(attribute, "attribute", None.NONE);
        List<UnaryOperator<Value>> keys = path instanceof Text text
                ? Stream.of(text.value().split(",", -1))
                        .map(each -> attributeOf(new Text(each)))
                        .toList()
                : List.of(attributeOf(path));
        UnaryOperator<Value> cased = caseKey(arguments.flag(sensitive, "case_sensitive"));
        List<Value> sorted = new ArrayList<>(items);
        sorted.sort((a, b) -> {
            int order = 0;
            for (int i = 0; order == 0 && i < keys.size(); i++) {
                order = order(
                        cased.apply(keys.get(i).apply(a)),
                        cased.apply(keys.get(i).apply(b)));
            }
            return reverse ? -order : order;
        });
        return sorted;
    }

    // Values that are equal need not be comparable: two missing attributes are as good as each other.
    private int order(Value left, Value right) {
        return operators.equal(left, right) ? 0 : operators.order(left, right, "<");
    }

    /** What a comparison looks at. It is asked for in every one, and so pays for the comparison, too. */
    private UnaryOperator<Value> caseKey(boolean sensitive) {
        return value -> {
            if (!(value instanceof Text text)) {
                return value;
            }
            budget.text(text.value().length());
            return sensitive ? value : new Text(text.value().toLowerCase(Locale.ROOT));
        };
    }

    private Value unique(List<Value> items, Arguments arguments) {
        UnaryOperator<Value> key = attributeOf(arguments.get(1, "attribute", None.NONE));
        UnaryOperator<Value> cased = caseKey(arguments.flag(0, "case_sensitive"));
        List<Value> kept = new ArrayList<>();
        List<Value> seen = new ArrayList<>();
        for (Value item : items) {
            Value by = cased.apply(key.apply(item));
            if (seen.stream().noneMatch(other -> operators.equal(other, by))) {
                seen.add(by);
                kept.add(item);
            }
        }
        return Items.list(kept);
    }

    private Value sortedDict(Value input, Arguments arguments) {
        arguments.allow(3, "case_sensitive", "by", "reverse");
        if (!(input instanceof Dict dict)) {
            throw new TemplateError("dictsort takes a mapping, not " + Values.type(input));
        }
        boolean byValue =
                Values.string(arguments.get(1, "by", new Text("key")), "by").equals("value");
        UnaryOperator<Value> cased = caseKey(arguments.flag(0, "case_sensitive"));
        boolean reverse = arguments.flag(2, "reverse");
        List<Value> pairs = new ArrayList<>(Attributes.items(dict, budget).items());
        pairs.sort((a, b) -> {
            Value left = ((Items) a).items().get(byValue ? 1 : 0);
            Value right = ((Items) b).items().get(byValue ? 1 : 0);
            int order = order(cased.apply(left), cased.apply(right));
            return reverse ? -order : order;
        });
        return Items.list(pairs);
    }

    private Value groups(List<Value> items, Arguments arguments) {
        Value path = arguments.required(0, "attribute");
        UnaryOperator<Value> key = attributeOf(path);
        Arguments by = new Arguments(List.of(Value.Bool.FALSE, Value.Bool.FALSE, path), Map.of());
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        List<Value> sorted = sorted(items, by, 2, 1, false);
        for (int i = 0; i < sorted.size(); i++) {
            group.add(sorted.get(i));
            Value name = key.apply(sorted.get(i));
            if (i + 1 == sorted.size() || !operators.equal(name, key.apply(sorted.get(i + 1)))) {
                groups.add(new Items(List.of(name, Items.list(group)), true));
                group = new ArrayList<>();
            }
        }
        return Items.list(groups);
    }

    private Value sum(List<Value> items, Arguments arguments) {
        UnaryOperator<Value> key = attributeOf(arguments.get(0, "attribute", None.NONE));
        Value sum = arguments.get(1, "start", Int.of(0));
        for (Value item : items) {
            sum = operators.binary("+", sum, key.apply(item));
        }
        return sum;
    }

    private static Value batch(List<Value> items, Arguments arguments) {
        int size = Values.index(arguments.required(0, "linecount"), "the size");
        if (size < 1) {
            throw new TemplateError("the size of a batch must be at least 1");
        }
        List<Value> batches = new ArrayList<>();
        for (int from = 0; from < items.size(); from += size) {
            batches.add(Items.list(items.subList(from, Math.min(items.size(), from + size))));
        }
        return Items.list(batches);
    }
}

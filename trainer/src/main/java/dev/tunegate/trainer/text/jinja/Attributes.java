package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code value.name}, {@code value[key]} and {@code value[a:b:c]} are. */
final class Attributes {

    // A template cannot reach what would change a value, as in Jinja2's immutable sandbox.
    private static final Set<String> MUTATORS = Set.of(
            "append",
            "clear",
            "extend",
            "insert",
            "pop",
            "popitem",
            "remove",
            "reverse",
            "setdefault",
            "sort",
            "update");

    private final Budget budget;
    private final Operators operators;

    Attributes(Budget budget, Operators operators) {
        this.budget = budget;
        this.operators = operators;
    }

    /** {@code object.name}: an attribute, else an item of that name. */
    Value attribute(Value object, String name) {
        Value attribute = own(Values.defined(object), name);
        if (attribute == null && object instanceof Dict dict) {
            attribute = dict.entries().get(new Text(name));
        }
        return attribute != null ? attribute : missing(object, name);
    }

    /** {@code object|attr(name)}: an attribute, never an item. */
    Value ownAttribute(Value object, String name) {
        Value attribute = own(Values.defined(object), name);
        return attribute != null ? attribute : missing(object, name);
    }

    /** {@code object[key]}: an item, else an attribute of that name. */
    Value item(Value object, Value key) {
        Values.defined(object);
        Value item = null;
        if (object instanceof Dict dict) {
            item = key instanceof Items || key instanceof Dict
                    ? null
                    : dict.entries().get(Values.key(key));
        } else if (Values.isWhole(key) && (object instanceof Items || object instanceof Text)) {
            item = indexed(object, Values.index(key, "the index"));
        }
        if (item == null && key instanceof Text name) {
            item = own(object, name.value());
        }
        if (item != null) {
            return item;
        }
        return key instanceof Text name
                ? missing(object, name.value())
                : new Undefined(Values.described(object) + " has no element " + PythonText.repr(key, budget));
    }

    private static Undefined missing(Value object, String name) {
        return new Undefined("'" + Values.described(object) + "' has no attribute '" + name + "'");
    }

    private static @Nullable Value indexed(Value object, int index) {
        int length = Values.length(object);
        int at = index < 0 ? index + length : index;
        if (at < 0 || at >= length) {
            return null;
        }
        if (object instanceof Text text) {
            int unit = text.value().offsetByCodePoints(0, at);
            return new Text(Character.toString(text.value().codePointAt(unit)), text.safe());
        }
        return ((Items) object).items().get(at);
    }

    private @Nullable Value own(Value object, String name) {
        if (object instanceof Dict dict) {
            return forbidden(object, name) ? unsafe(object, name) : dictMethod(dict, name);
        } else if (object instanceof Items items) {
            return forbidden(object, name) ? unsafe(object, name) : listMethod(items, name);
        } else if (object instanceof Text text) {
            return StringMethods.bind(text, name, budget);
        } else if (object instanceof Value.Namespace namespace) {
            return namespace.attributes().get(name);
        } else if (object instanceof Value.Loop loop) {
            return loop.state().attribute(name);
        } else if (object instanceof Callable callable && name.equals("name")) {
            return new Text(callable.name());
        }
        return null;
    }

    private static boolean forbidden(Value object, String name) {
        boolean ofLists = Set.of("append", "extend", "insert", "remove", "reverse", "sort")
                .contains(name);
        boolean ofBoth = name.equals("clear") || name.equals("pop");
        return MUTATORS.contains(name)
                && (ofBoth || ofLists == object instanceof Items)
                && !(object instanceof Items list && list.tuple());
    }

    private static Undefined unsafe(Value object, String name) {
        return new Undefined("access to attribute '" + name + "' of '" + Values.type(object) + "' object is unsafe.");
    }

    private @Nullable Value dictMethod(Dict dict, String name) {
        Callable.Body body = switch (name) {
            case "get" ->
                arguments -> {
                    arguments.allow(2);
                    Value found = dict.entries().get(Values.key(arguments.required(0, "key")));
                    return found != null ? found : arguments.get(1, "default", Value.None.NONE);
                };
            case "keys" -> arguments -> list(dict.entries().keySet());
            case "values" -> arguments -> list(dict.entries().values());
            case "items" -> arguments -> items(dict, budget);
            case "copy" -> arguments -> dict;
            default -> null;
        };
        return body == null ? null : new Callable(name, body);
    }

    private Items list(Collection<Value> values) {
        budget.items(values.size());
        return Items.list(List.copyOf(values));
    }

    /** A mapping's {@code (key, value)} pairs. */
    static Items items(Dict dict, Budget budget) {
        budget.items(dict.entries().size());
        List<Value> pairs = new ArrayList<>(dict.entries().size());
        for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
            pairs.add(new Items(List.of(entry.getKey(), entry.getValue()), true));
        }
        return Items.list(pairs);
    }

    private @Nullable Value listMethod(Items list, String name) {
        Callable.Body body = switch (name) {
            case "index" -> arguments -> Int.of(indexOf(list, arguments.required(0, "value")));
            case "count" ->
                arguments -> Int.of(list.items().stream()
                        .filter(item -> operators.equal(item, arguments.required(0, "value")))
                        .count());
            case "copy" -> list.tuple() ? null : arguments -> list;
            default -> null;
        };
        return body == null ? null : new Callable(name, body);
    }

    private int indexOf(Items list, Value wanted) {
        for (int i = 0; i < list.items().size(); i++) {
            if (operators.equal(list.items().get(i), wanted)) {
                return i;
            }
        }
        throw new TemplateError(PythonText.repr(wanted, budget) + " is not in list");
    }

    /** Python's slice; a missing bound is null. */
    Value slice(Value object, @Nullable Value start, @Nullable Value stop, @Nullable Value step) {
        Values.defined(object);
        if (!(object instanceof Text || object instanceof Items)) {
            return new Undefined(Values.described(object) + " has no element slice");
        }
        int length = Values.length(object);
        long by = bound(step, 1);
        if (by == 0) {
            throw new TemplateError("slice step cannot be zero");
        }
        long from = clamp(bound(start, by > 0 ? 0 : length), length, by, start == null);
        long to = clamp(bound(stop, by > 0 ? length : -1), length, by, stop == null);
        List<Integer> indexes = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            indexes.add((int) i);
        }
        budget.items(indexes.size());
        if (object instanceof Items list) {
            return new Items(indexes.stream().map(list.items()::get).toList(), list.tuple());
        }
        Text text = (Text) object;
        int[] points = text.value().codePoints().toArray();
        budget.text(points.length);
        StringBuilder sliced = new StringBuilder();
        indexes.forEach(i -> sliced.appendCodePoint(points[i]));
        return new Text(sliced.toString(), text.safe());
    }

    private static long bound(@Nullable Value bound, long otherwise) {
        return bound == null || bound instanceof Value.None ? otherwise : Values.index(bound, "a slice's bound");
    }

    // Negative bounds count from the end; beyond the ends is as far as the ends.
    private static long clamp(long bound, int length, long step, boolean missing) {
        long at = bound < 0 && !missing ? bound + length : bound;
        return step > 0 ? Math.max(0, Math.min(at, length)) : Math.max(-1, Math.min(at, length - 1L));
    }
}

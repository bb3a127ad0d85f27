package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Namespace;
import dev.tunegate.trainer.text.jinja.Value.Text;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The functions every template can call: Jinja2's own, and those Hugging Face adds for chat templates. */
final class Globals {

    // Jinja2's sandbox has the same bound.
    private static final long LONGEST_RANGE = 100_000;

    private final Budget budget;
    private final Clock clock;

    Globals(Budget budget, Clock clock) {
        this.budget = budget;
        this.clock = clock;
    }

    Scope scope() {
        Scope scope = new Scope(null);
        Map<String, Callable.Body> functions = Map.of(
                "range", this::range,
                "dict", arguments -> new Dict(entries(arguments)),
                "namespace", this::namespace,
                "joiner", Globals::joiner,
                "raise_exception", Globals::raise,
                "strftime_now", this::now);
        functions.forEach((name, body) -> scope.set(name, new Callable(name, body)));
        return scope;
    }

    private Value range(Arguments arguments) {
        arguments.allow(3);
        int count = arguments.positional().size();
        long first = count < 2 ? 0 : Values.index(arguments.required(0, "start"), "start");
        long stop = Values.index(arguments.required(count < 2 ? 0 : 1, "stop"), "stop");
        long step = Values.index(arguments.get(2, "step", Int.of(1)), "step");
        if (step == 0) {
            throw new TemplateError("range() arg 3 must not be zero");
        }
        if (Math.abs((stop - first) / step) > LONGEST_RANGE) {
            throw new TemplateError("Range too big. The sandbox blocks ranges larger than " + LONGEST_RANGE + ".");
        }
        List<Value> items = new ArrayList<>();
        for (long i = first; step > 0 ? i < stop : i > stop; i += step) {
            items.add(Int.of(i));
        }
        budget.items(items.size());
        return Items.list(items);
    }

    private Value namespace(Arguments arguments) {
        Map<String, Value> attributes = new LinkedHashMap<>();
        entries(arguments).forEach((key, value) -> attributes.put(Values.string(key, "an attribute's name"), value));
        return new Namespace(attributes);
    }

    // The joiner gives nothing the first time and the separator from then on.
    private static Value joiner(Arguments arguments) {
        Value separator = arguments.get(0, "sep", new Text(", "));
        AtomicBoolean used = new AtomicBoolean();
        return new Callable("joiner", none -> used.getAndSet(true) ? separator : new Text(""));
    }

    private Map<Value, Value> entries(Arguments arguments) {
        arguments.allow(1, arguments.named().keySet().toArray(String[]::new));
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (Value source : arguments.positional()) {
            if (source instanceof Dict dict) {
                budget.items(dict.entries().size());
                entries.putAll(dict.entries());
                continue;
            }
            for (Value pair : Values.iterate(Values.defined(source), budget)) {
                List<Value> both = Values.iterate(pair, budget);
                if (both.size() != 2) {
                    throw new TemplateError("dict() takes a mapping or a list of pairs");
                }
                entries.put(Values.key(both.get(0)), both.get(1));
            }
        }
        arguments.named().forEach((name, value) -> entries.put(new Text(name), value));
        return entries;
    }

    private static Value raise(Arguments arguments) {
        throw new TemplateError(Values.string(arguments.required(0, "message"), "the message"));
    }

    private Value now(Arguments arguments) {
        String format = Values.string(arguments.required(0, "format"), "the format");
        return new Text(Strftime.format(ZonedDateTime.now(clock), format, budget));
    }
}

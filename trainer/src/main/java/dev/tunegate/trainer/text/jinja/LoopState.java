package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a {@code for} loop stands: what its {@code loop} variable tells. */
final class LoopState {

    private final List<Value> items;
    private final int depth;
    private final Operators operators;
    private int index;
    private @Nullable Items lastChanged;
    private Callable.@Nullable Body recursion;

    LoopState(List<Value> items, int depth, Operators operators) {
        this.items = items;
        this.depth = depth;
        this.operators = operators;
    }

    void moveTo(int newIndex) {
        index = newIndex;
    }

    /** Lets the template call {@code loop(…)} to go through children in the same way. */
    void recurseBy(Callable.Body body) {
        recursion = body;
    }

    Callable.@Nullable Body recursion() {
        return recursion;
    }

    int length() {
        return items.size();
    }

    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "index" -> Int.of(index + 1L);
            case "index0" -> Int.of(index);
            case "revindex" -> Int.of((long) items.size() - index);
            case "revindex0" -> Int.of(items.size() - index - 1L);
            case "first" -> Bool.of(index == 0);
            case "last" -> Bool.of(index == items.size() - 1);
            case "length" -> Int.of(items.size());
            case "depth" -> Int.of(depth);
            case "depth0" -> Int.of(depth - 1L);
            case "previtem" -> neighbour(index - 1, "there is no previous item");
            case "nextitem" -> neighbour(index + 1, "there is no next item");
            case "cycle" -> new Callable("cycle", this::cycle);
            case "changed" -> new Callable("changed", this::changed);
            default -> null;
        };
    }

    private Value neighbour(int at, String hint) {
        return at >= 0 && at < items.size() ? items.get(at) : new Undefined(hint);
    }

    private Value cycle(Arguments arguments) {
        if (arguments.positional().isEmpty()) {
            throw new TemplateError("no items for cycling given");
        }
        return arguments.positional().get(index % arguments.positional().size());
    }

    private Value changed(Arguments arguments) {
        Items now = Items.list(arguments.positional());
        boolean changed = lastChanged == null || !operators.equal(lastChanged, now);
        lastChanged = now;
        return Bool.of(changed);
    }
}

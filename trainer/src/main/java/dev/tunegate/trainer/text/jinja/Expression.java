package dev.tunegate.trainer.text.jinja;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An expression of the template language, with the line it begins in. */
sealed interface Expression {

    int line();

    record Constant(Value value, int line) implements Expression {}

    record Name(String name, int line) implements Expression {}

    record ItemsLiteral(List<Expression> items, boolean tuple, int line) implements Expression {}

    record DictLiteral(List<Entry> entries, int line) implements Expression {}

    record Entry(Expression key, Expression value) {}

    /** {@code object.name}: the attribute before the item. */
    record Attribute(Expression object, String name, int line) implements Expression {}

    /** {@code object[key]}: the item before the attribute. */
    record Item(Expression object, Expression key, int line) implements Expression {}

    record Slice(
            Expression object,
            @Nullable Expression start,
            @Nullable Expression stop,
            @Nullable Expression step,
            int line)
            implements Expression {}

    record Call(Expression callee, CallArguments arguments, int line) implements Expression {}

    record CallArguments(
            List<Expression> positional,
            Map<String, Expression> named,
            @Nullable Expression spreadPositional,
            @Nullable Expression spreadNamed) {

        static final CallArguments NONE = new CallArguments(List.of(), Map.of(), null, null);
    }

    /** {@code input|name(arguments)}; without an input inside a {@code filter} block. */
    record Filter(Expression input, String name, CallArguments arguments, int line) implements Expression {}

    record Test(Expression input, String name, CallArguments arguments, int line) implements Expression {}

    record Not(Expression operand, int line) implements Expression {}

    /** {@code -x} or {@code +x}. */
    record Sign(String operator, Expression operand, int line) implements Expression {}

    record Binary(String operator, Expression left, Expression right, int line) implements Expression {}

    /** {@code and} or {@code or}: the value of the operand that decides. */
    record Logical(boolean and, Expression left, Expression right, int line) implements Expression {}

    /** {@code a ~ b ~ c}. */
    record Concat(List<Expression> parts, int line) implements Expression {}

    /** {@code a < b <= c}: each operand evaluated once, left to right, until a comparison fails. */
    record Comparison(Expression first, List<Step> steps, int line) implements Expression {}

    record Step(String operator, Expression operand) {}

    record Conditional(
            Expression then, Expression condition, @Nullable Expression otherwise, int line) implements Expression {}
}

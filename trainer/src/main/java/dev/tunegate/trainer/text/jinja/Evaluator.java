package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Evaluates expressions. Keeps the line it is in, for errors. */
final class Evaluator {

    private final Budget budget;
    private final Operators operators;
    private final Attributes attributes;
    private final Filters filters;
    private final Tests tests;
    private int line;

    Evaluator(Budget budget) {
        this.budget = budget;
        this.operators = new Operators(budget);
        this.attributes = new Attributes(budget, operators);
        this.filters = new Filters(budget, operators, attributes);
        this.tests = new Tests(operators);
    }

    Operators operators() {
        return operators;
    }

    /** The line of what is being evaluated, or of what failed. */
    int line() {
        return line;
    }

    /** Moves to a line and returns the one before. */
    int moveTo(int newLine) {
        int before = line;
        line = newLine;
        return before;
    }

    Value eval(Expression expression, Scope scope) {
        budget.step();
        budget.enter();
        int before = moveTo(expression.line());
        Value value = evaluate(expression, scope);
        line = before;
        budget.leave();
        return value;
    }

    private Value evaluate(Expression expression, Scope scope) {
        if (expression instanceof Expression.Constant constant) {
            return constant.value();
        } else if (expression instanceof Expression.Name name) {
            return scope.get(name.name());
        } else if (expression instanceof Expression.Attribute attribute) {
            return attributes.attribute(eval(attribute.object(), scope), attribute.name());
        } else if (expression instanceof Expression.Item item) {
            return attributes.item(paid(eval(item.object(), scope)), paid(eval(item.key(), scope)));
        } else if (expression instanceof Expression.Call call) {
            return call(eval(call.callee(), scope), arguments(call.arguments(), scope));
        } else if (expression instanceof Expression.Filter filter) {
            return filter(filter, eval(filter.input(), scope), scope);
        } else if (expression instanceof Expression.Test test) {
            Value input = eval(test.input(), scope);
            return Bool.of(tests.holds(test.name(), paid(input), arguments(test.arguments(), scope)));
        } else if (expression instanceof Expression.Logical logical) {
            Value left = eval(logical.left(), scope);
            return Values.truthy(left) == logical.and() ? eval(logical.right(), scope) : left;
        } else if (expression instanceof Expression.Not not) {
            return Bool.of(!Values.truthy(eval(not.operand(), scope)));
        } else if (expression instanceof Expression.Comparison comparison) {
            return comparison(comparison, scope);
        } else if (expression instanceof Expression.Binary binary) {
            Value left = paid(eval(binary.left(), scope));
            return operators.binary(binary.operator(), left, paid(eval(binary.right(), scope)));
        } else if (expression instanceof Expression.Sign sign) {
            return operators.sign(sign.operator(), eval(sign.operand(), scope));
        } else if (expression instanceof Expression.Concat concat) {
            return concat(concat, scope);
        } else if (expression instanceof Expression.Conditional conditional) {
            return conditional(conditional, scope);
        } else if (expression instanceof Expression.Slice slice) {
            return attributes.slice(
                    eval(slice.object(), scope),
                    optional(slice.start(), scope),
                    optional(slice.stop(), scope),
                    optional(slice.step(), scope));
        } else if (expression instanceof Expression.ItemsLiteral items) {
            return new Items(all(items.items(), scope), items.tuple());
        } else if (expression instanceof Expression.DictLiteral dict) {
            return dict(dict, scope);
        }
        throw new IllegalStateException("not an expression: " + expression);
    }

    private @Nullable Value optional(@Nullable Expression expression, Scope scope) {
        return expression == null ? null : eval(expression, scope);
    }

    private List<Value> all(List<Expression> expressions, Scope scope) {
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(eval(expression, scope));
        }
        return values;
    }

    private Value dict(Expression.DictLiteral literal, Scope scope) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        for (Expression.Entry entry : literal.entries()) {
            entries.put(Values.key(eval(entry.key(), scope)), eval(entry.value(), scope));
        }
        return new Dict(entries);
    }

    private Value comparison(Expression.Comparison comparison, Scope scope) {
        Value left = eval(comparison.first(), scope);
        for (Expression.Step step : comparison.steps()) {
            Value right = eval(step.operand(), scope);
            if (!operators.compare(step.operator(), left, right)) {
                return Bool.FALSE;
            }
            left = right;
        }
        return Bool.TRUE;
    }

    private Value concat(Expression.Concat concat, Scope scope) {
        StringBuilder text = new StringBuilder();
        for (Expression part : concat.parts()) {
            String string = PythonText.str(eval(part, scope), budget);
            text.append(string);
            budget.built(text.length(), string.length());
        }
        return new Text(text.toString());
    }

    private Value conditional(Expression.Conditional conditional, Scope scope) {
        if (Values.truthy(eval(conditional.condition(), scope))) {
            return eval(conditional.then(), scope);
        }
        return conditional.otherwise() == null
                ? new Undefined("the inline if-expression evaluated to false and no else section was defined.")
                : eval(conditional.otherwise(), scope);
    }

    Value filter(Expression.Filter filter, Value input, Scope scope) {
        return filters.apply(filter.name(), paid(input), arguments(filter.arguments(), scope));
    }

    /** Whatever is done with a text is taken to go through it once. */
    private Value paid(Value value) {
        if (value instanceof Text text) {
            budget.text(text.value().length());
        }
        return value;
    }

    Arguments arguments(Expression.CallArguments given, Scope scope) {
        List<Value> positional = all(given.positional(), scope);
        Map<String, Value> named = new LinkedHashMap<>();
        for (Map.Entry<String, Expression> argument : given.named().entrySet()) {
            named.put(argument.getKey(), eval(argument.getValue(), scope));
        }
        if (given.spreadPositional() != null) {
            positional.addAll(Values.iterate(eval(given.spreadPositional(), scope), budget));
        }
        if (given.spreadNamed() != null) {
            if (!(eval(given.spreadNamed(), scope) instanceof Dict dict)) {
                throw new TemplateError("argument after ** must be a mapping");
            }
            budget.items(dict.entries().size());
            dict.entries().forEach((key, value) -> named.put(Values.string(key, "a keyword"), value));
        }
        positional.forEach(this::paid);
        named.values().forEach(this::paid);
        return new Arguments(positional, named);
    }

    Value call(Value callee, Arguments arguments) {
        Values.defined(callee);
        Callable.Body body = callee instanceof Callable callable
                ? callable.body()
                : callee instanceof Value.Loop loop ? loop.state().recursion() : null;
        if (body == null) {
            throw new TemplateError("'" + Values.type(callee) + "' object is not callable");
        }
        return body.call(arguments);
    }
}

package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Real;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.math.BigInteger;
import java.util.Locale;

/** Jinja2's tests by name: {@code input is name(arguments)}. */
final class Tests {

    private final Operators operators;

    Tests(Operators operators) {
        this.operators = operators;
    }

    boolean holds(String name, Value input, Arguments arguments) {
        return switch (name) {
            case "defined" -> !(input instanceof Undefined);
            case "undefined" -> input instanceof Undefined;
            case "none" -> input instanceof None;
            case "boolean" -> input instanceof Bool;
            case "true" -> input == Bool.TRUE;
            case "false" -> input == Bool.FALSE;
            case "integer" -> input instanceof Int;
            case "float" -> input instanceof Real;
            case "number" -> Values.isNumber(input);
            case "string" -> input instanceof Text;
            case "mapping" -> input instanceof Dict;
            case "sequence" ->
                input instanceof Text || input instanceof Items || input instanceof Dict || input instanceof Undefined;
            case "iterable" -> Values.isIterable(input);
            case "callable" -> input instanceof Callable;
            case "odd" -> remainder(input, Int.of(2)).equals(BigInteger.ONE);
            case "even" -> remainder(input, Int.of(2)).signum() == 0;
            case "divisibleby" -> remainder(input, arguments.required(0, "num")).signum() == 0;
            case "lower" -> isCase(input, true);
            case "upper" -> isCase(input, false);
            case "escaped" -> input instanceof Text text && text.safe();
            case "sameas" -> same(input, arguments.required(0, "other"));
            case "in" -> operators.contains(arguments.required(0, "seq"), input);
            case "eq", "equalto", "==" -> compare("==", input, arguments);
            case "ne", "!=" -> compare("!=", input, arguments);
            case "lt", "lessthan", "<" -> compare("<", input, arguments);
            case "le", "<=" -> compare("<=", input, arguments);
            case "gt", "greaterthan", ">" -> compare(">", input, arguments);
            case "ge", ">=" -> compare(">=", input, arguments);
            default -> throw new TemplateError("No test named '" + name + "'.");
        };
    }

    private boolean compare(String operator, Value input, Arguments arguments) {
        return operators.compare(operator, input, arguments.required(0, "other"));
    }

    private BigInteger remainder(Value input, Value by) {
        return Values.whole(operators.binary("%", input, by), "the input");
    }

    private static boolean isCase(Value input, boolean lower) {
        String text = Values.string(input, "the input");
        boolean cased = text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
        return cased && text.equals(lower ? text.toLowerCase(Locale.ROOT) : text.toUpperCase(Locale.ROOT));
    }

    private boolean same(Value input, Value other) {
        boolean scalar = input instanceof Text || input instanceof Int || input instanceof Real;
        return input == other
                || (scalar && Values.type(input).equals(Values.type(other)) && operators.equal(input, other));
    }
}

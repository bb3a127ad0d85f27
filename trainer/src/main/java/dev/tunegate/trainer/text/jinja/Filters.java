package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Real;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;

/** Jinja2's filters by name: {@code input|name(arguments)}. */
final class Filters {

    private final Budget budget;
    private final Operators operators;
    private final Attributes attributes;
    private final TextFilters texts;
    private final ListFilters lists;

    Filters(Budget budget, Operators operators, Attributes attributes) {
        this.budget = budget;
        this.operators = operators;
        this.attributes = attributes;
        this.texts = new TextFilters(budget);
        this.lists = new ListFilters(budget, operators, attributes, this::apply, new Tests(operators));
    }

    Value apply(String name, Value input, Arguments arguments) {
        return switch (name) {
            case "default", "d" -> otherwise(input, arguments);
            case "length", "count" -> Int.of(Values.length(input));
            case "abs" -> absolute(input);
            case "int" -> integer(input, arguments.get(0, "default", Int.of(0)));
            case "float" -> real(input, arguments.get(0, "default", new Real(0)));
            case "round" -> round(input, arguments);
            case "items" -> items(input);
            case "tojson" -> new Text(toJson(input, arguments));
            case "string" -> input instanceof Text ? input : new Text(PythonText.str(input, budget));
            case "trim" -> texts.trim(input, arguments);
            case "lower", "upper", "title", "capitalize" -> texts.method(input, name);
            case "replace" -> texts.replace(input, arguments);
            case "indent" -> texts.indent(input, arguments);
            case "truncate" -> texts.truncate(input, arguments);
            case "wordcount" -> Int.of(texts.words(input));
            case "center" -> texts.center(input, arguments);
            case "safe" -> new Text(PythonText.str(input, budget), true);
            case "escape", "e" -> texts.escape(input, false);
            case "forceescape" -> texts.escape(input, true);
            case "format" -> texts.format(input, arguments);
            case "attr" -> attributes.ownAttribute(input, Values.string(arguments.required(0, "name"), "the name"));
            default -> lists.apply(name, input, arguments);
        };
    }

    private static Value otherwise(Value input, Arguments arguments) {
        boolean missing = input instanceof Undefined || (arguments.flag(1, "boolean") && !Values.truthy(input));
        return missing ? arguments.get(0, "default_value", new Text("")) : input;
    }

    private Value absolute(Value input) {
        boolean negative = operators.order(input, Int.of(0), "<") < 0;
        return negative ? operators.sign("-", input) : input;
    }

    // Python's int() truncates a float, and takes a string only when it is a number.
    private static Value integer(Value input, Value otherwise) {
        if (Values.isWhole(input)) {
            return new Int(Values.whole(input, "the input"));
        } else if (input instanceof Real number && Double.isFinite(number.value())) {
            return new Int(new BigDecimal(number.value()).toBigInteger());
        } else if (input instanceof Text text) {
            String digits = text.value().strip();
            if (digits.matches("[+-]?[0-9]{1,300}")) {
                return new Int(new BigInteger(digits));
            }
            return real(input, None.NONE) instanceof Real number ? integer(number, otherwise) : otherwise;
        }
        return otherwise;
    }

    private static Value real(Value input, Value otherwise) {
        if (Values.isNumber(input)) {
            return new Real(Values.real(input));
        }
        String digits = input instanceof Text text ? text.value().strip() : "";
        // Java would also take "1f" and hexadecimal floats.
        return digits.matches("[+-]?([0-9]{1,300}(\\.[0-9]{0,300})?|\\.[0-9]{1,300})([eE][+-]?[0-9]{1,9})?")
                ? new Real(Double.parseDouble(digits))
                : otherwise;
    }

    private static Value round(Value input, Arguments arguments) {
        arguments.allow(2, "precision", "method");
        int precision = Values.index(arguments.get(0, "precision", Int.of(0)), "the precision");
        String method = Values.string(arguments.get(1, "method", new Text("common")), "the method");
        if (Math.abs((long) precision) > 300) {
            throw new TemplateError("cannot round to " + precision + " places");
        }
        RoundingMode mode = switch (method) {
            case "common" -> RoundingMode.HALF_EVEN;
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw new TemplateError("method must be common, ceil or floor");
        };
        if (Values.isWhole(input) && method.equals("common")) {
            BigDecimal whole = new BigDecimal(Values.whole(input, "the input"));
            return new Int(whole.setScale(Math.min(0, precision), mode).toBigInteger());
        }
        double value = Values.real(Values.defined(input));
        return new Real(
                Double.isFinite(value)
                        ? new BigDecimal(value).setScale(precision, mode).doubleValue()
                        : value);
    }

    private Value items(Value input) {
        if (input instanceof Undefined) {
            return Items.list(List.of());
        } else if (input instanceof Dict dict) {
            return Attributes.items(dict, budget);
        }
        throw new TemplateError("Can only get item pairs from a mapping.");
    }

    private String toJson(Value input, Arguments arguments) {
        arguments.allow(4, "ensure_ascii", "indent", "separators", "sort_keys");
        Value indent = arguments.get(1, "indent", None.NONE);
        String by = indent instanceof None
                ? null
                : indent instanceof Text text
                        ? text.value()
                        : " ".repeat(Math.max(0, Math.min(100, Values.index(indent, "indent"))));
        String item = by == null ? ", " : ",";
        String key = ": ";
        if (arguments.get(2, "separators", None.NONE) instanceof Items separators
                && separators.items().size() == 2) {
            item = Values.string(separators.items().get(0), "a separator");
            key = Values.string(separators.items().get(1), "a separator");
        }
        boolean ascii = arguments.flag(0, "ensure_ascii");
        return Json.write(input, new Json.Style(by, item, key, ascii, arguments.flag(3, "sort_keys")), budget);
    }
}

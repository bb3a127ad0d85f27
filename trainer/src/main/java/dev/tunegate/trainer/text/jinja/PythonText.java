package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Real;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Values as Python prints them: {@code str()} and {@code repr()}. */
final class PythonText {

    // Python writes whole floats up to 1e16 without an exponent, and small ones down to 1e-4.
    private static final int HIGHEST_PLAIN_EXPONENT = 15;
    private static final int LOWEST_PLAIN_EXPONENT = -4;
    private static final int MOST_DIGITS = 17;

    private final StringBuilder text = new StringBuilder();
    private final Budget budget;

    private PythonText(Budget budget) {
        this.budget = budget;
    }

    static String str(Value value, Budget budget) {
        if (value instanceof Text string) {
            return string.value();
        } else if (value instanceof Undefined) {
            return "";
        }
        return repr(value, budget);
    }

    static String repr(Value value, Budget budget) {
        PythonText python = new PythonText(budget);
        python.append(value);
        return python.text.toString();
    }

    private void append(Value value) {
        budget.step();
        budget.enter();
        int before = text.length();
        if (value instanceof None) {
            text.append("None");
        } else if (value instanceof Bool bool) {
            text.append(bool == Bool.TRUE ? "True" : "False");
        } else if (value instanceof Int number) {
            text.append(number.value());
        } else if (value instanceof Real number) {
            text.append(real(number.value()));
        } else if (value instanceof Text string) {
            quote(string.value());
        } else if (value instanceof Items items) {
            appendItems(items);
        } else if (value instanceof Dict dict) {
            appendDict(dict);
        } else if (value instanceof Value.Namespace namespace) {
            text.append("<Namespace ");
            Map<Value, Value> attributes = new LinkedHashMap<>();
            namespace.attributes().forEach((name, attribute) -> attributes.put(new Text(name), attribute));
            append(new Dict(attributes));
            text.append('>');
        } else if (value instanceof Undefined) {
            text.append("Undefined");
        } else {
            text.append('<').append(Values.type(value)).append('>');
        }
        budget.leave();
        boolean scalar = !(value instanceof Items || value instanceof Dict);
        budget.built(text.length(), scalar ? text.length() - before : 0);
    }

    private void appendItems(Items list) {
        text.append(list.tuple() ? '(' : '[');
        String separator = "";
        for (Value item : list.items()) {
            text.append(separator);
            append(item);
            separator = ", ";
        }
        text.append(list.tuple() ? list.items().size() == 1 ? ",)" : ")" : "]");
    }

    private void appendDict(Dict dict) {
        text.append('{');
        String separator = "";
        for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
            text.append(separator);
            append(entry.getKey());
            text.append(": ");
            append(entry.getValue());
            separator = ", ";
        }
        text.append('}');
    }

    private void quote(String string) {
        char quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
        text.append(quote);
        string.codePoints().forEach(c -> {
            if (c == quote || c == '\\') {
                text.append('\\').append((char) c);
            } else if (c == '\n') {
                text.append("\\n");
            } else if (c == '\r') {
                text.append("\\r");
            } else if (c == '\t') {
                text.append("\\t");
            } else if (c == ' ' || isPrintable(c)) {
                text.appendCodePoint(c);
            } else {
                budget.built(text.length(), 0);
                budget.step();
                String format = c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
                text.append(String.format(Locale.ROOT, format, c));
            }
        });
        text.append(quote);
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /** The shortest decimal that reads back as the same number, in Python's notation. */
    static String real(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        } else if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        } else if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest(value);
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= LOWEST_PLAIN_EXPONENT && exponent <= HIGHEST_PLAIN_EXPONENT) {
            String plain = shortest.toPlainString();
            return plain.indexOf('.') < 0 ? plain + ".0" : plain;
        }
        String digits = shortest.unscaledValue().abs().toString();
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        String sign = value < 0 ? "-" : "";
        return String.format(
                Locale.ROOT,
                "%s%c%se%c%02d",
                sign,
                digits.charAt(0),
                fraction,
                exponent < 0 ? '-' : '+',
                Math.abs(exponent));
    }

    // JDK 17's Double.toString sometimes writes a digit too many (JDK-4511638, mended in 19).
    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits));
            if (rounded.doubleValue() == value) {
                return rounded.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(MOST_DIGITS)).stripTrailingZeros();
    }
}

package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Text;
import java.util.List;
import java.util.Locale;

/** String formatting as far as templates use it: {@code "%s %d" % (a, b)} and {@code "{} {name}".format(…)}. */
final class Formats {

    private Formats() {}

    static Text percent(String format, Value operand, Budget budget) {
        List<Value> values = operand instanceof Items list && list.tuple() ? list.items() : List.of(operand);
        StringBuilder text = new StringBuilder();
        int used = 0;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            char type = ++i < format.length() ? format.charAt(i) : ' ';
            if (type == '%') {
                text.append('%');
                continue;
            }
            if (used == values.size()) {
                throw new TemplateError("not enough arguments for format string");
            }
            text.append(percent(type, values.get(used++), budget));
            budget.text(text.length());
        }
        if (used < values.size()) {
            throw new TemplateError("not all arguments converted during string formatting");
        }
        return new Text(text.toString());
    }

    private static String percent(char type, Value value, Budget budget) {
        return switch (type) {
            case 's' -> PythonText.str(value, budget);
            case 'r' -> PythonText.repr(value, budget);
            case 'd', 'i' -> Values.whole(value, "%d's argument").toString();
            case 'f' -> String.format(Locale.ROOT, "%f", Values.real(value));
            default -> throw new TemplateError("unsupported format '%" + type + "'; use %s, %r, %d or %f");
        };
    }

    static Text braces(String format, Arguments arguments, Budget budget) {
        StringBuilder text = new StringBuilder();
        int next = 0;
        int i = 0;
        while (i < format.length()) {
            char c = format.charAt(i);
            boolean doubled = i + 1 < format.length() && format.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                text.append(c);
                i += 2;
            } else if (c == '{') {
                int end = format.indexOf('}', i);
                String field = end < 0 ? "" : format.substring(i + 1, end);
                if (end < 0 || !field.chars().allMatch(f -> Character.isLetterOrDigit(f) || f == '_')) {
                    throw new TemplateError("unsupported format field '" + field + "'; use {}, {0} or {name}");
                }
                text.append(PythonText.str(argument(field, next, arguments), budget));
                next += field.isEmpty() ? 1 : 0;
                i = end + 1;
            } else {
                text.append(c);
                i++;
            }
            budget.text(text.length());
        }
        return new Text(text.toString());
    }

    private static Value argument(String field, int next, Arguments arguments) {
        if (!field.isEmpty() && !Character.isDigit(field.charAt(0))) {
            return arguments.required(Integer.MAX_VALUE, field);
        }
        if (field.length() > 3) {
            throw new TemplateError("unsupported format field '" + field + "'");
        }
        return arguments.required(field.isEmpty() ? next : Integer.parseInt(field), "{" + field + "}");
    }
}

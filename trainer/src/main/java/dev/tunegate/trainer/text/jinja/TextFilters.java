package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Text;
import java.util.List;

/** The filters that make text of text. They take any value, as its text. */
final class TextFilters {

    private final Budget budget;

    TextFilters(Budget budget) {
        this.budget = budget;
    }

    private String string(Value input) {
        String text = PythonText.str(input, budget);
        budget.text(text.length());
        return text;
    }

    private static boolean safe(Value input) {
        return input instanceof Text text && text.safe();
    }

    Value trim(Value input, Arguments arguments) {
        return new Text(StringMethods.strip(string(input), arguments, true, true, budget), safe(input));
    }

    /** The filters that are the string method of the same name. */
    Value method(Value input, String name) {
        Value method = StringMethods.bind(new Text(string(input)), name, budget);
        if (method instanceof Value.Callable callable && callable.body().call(Arguments.NONE) instanceof Text text) {
            return new Text(text.value(), safe(input));
        }
        throw new TemplateError("No filter named '" + name + "'.");
    }

    Value replace(Value input, Arguments arguments) {
        Arguments strings = new Arguments(
                arguments.positional().stream()
                        .map(value -> value instanceof Int || value instanceof None ? value : new Text(string(value)))
                        .toList(),
                arguments.named());
        return new Text(StringMethods.replace(string(input), strings, budget), safe(input));
    }

    Value indent(Value input, Arguments arguments) {
        arguments.allow(3, "width", "first", "blank");
        Value width = arguments.get(0, "width", Int.of(4));
        String by = width instanceof Text text ? text.value() : spaces(Values.index(width, "the width"));
        boolean blank = arguments.flag(2, "blank");
        StringBuilder text = new StringBuilder(arguments.flag(1, "first") ? by : "");
        // Jinja2 adds a newline before it splits, so that a last empty line is kept.
        List<String> lines = Splits.lines(string(input) + "\n", false);
        budget.items(lines.size());
        for (int i = 0; i < lines.size(); i++) {
            boolean indented = i > 0 && (blank || !lines.get(i).isEmpty());
            text.append(i > 0 ? "\n" : "").append(indented ? by : "").append(lines.get(i));
            budget.built(text.length(), by.length() + 1L);
        }
        return new Text(text.toString(), safe(input));
    }

    int words(Value input) {
        int words = Splits.blanks(string(input), Budget.LARGEST_LIST).size();
        budget.items(words);
        return words;
    }

    Value truncate(Value input, Arguments arguments) {
        arguments.allow(4, "length", "killwords", "end", "leeway");
        String text = string(input);
        int length = Values.index(arguments.get(0, "length", Int.of(255)), "the length");
        String end = Values.string(arguments.get(2, "end", new Text("...")), "the end");
        int leeway = Values.index(arguments.get(3, "leeway", Int.of(5)), "the leeway");
        int points = text.codePointCount(0, text.length());
        int kept = length - end.codePointCount(0, end.length());
        if (kept < 0) {
            throw new TemplateError("expected length >= " + (length - kept) + ", got " + length);
        }
        if (points <= (long) length + leeway) {
            return new Text(text);
        }
        String cut = text.substring(0, text.offsetByCodePoints(0, kept));
        int word = cut.lastIndexOf(' ');
        return new Text((arguments.flag(1, "killwords") || word < 0 ? cut : cut.substring(0, word)) + end);
    }

    Value center(Value input, Arguments arguments) {
        String text = string(input);
        int width = Values.index(arguments.get(0, "width", Int.of(80)), "the width");
        int padding = Math.max(0, width - text.codePointCount(0, text.length()));
        // Python puts the odd blank left when the width is odd.
        int left = padding / 2 + (padding & width & 1);
        return new Text(spaces(left) + text + spaces(padding - left));
    }

    private String spaces(int count) {
        budget.text(Math.max(0, count));
        return " ".repeat(Math.max(0, count));
    }

    Value escape(Value input, boolean always) {
        if (safe(input) && !always) {
            return input;
        }
        String text = string(input);
        budget.text(text.length() * 6L);
        return new Text(escapeHtml(text), true);
    }

    Value format(Value input, Arguments arguments) {
        return Formats.percent(string(input), new Items(arguments.positional(), true), budget);
    }

    static String escapeHtml(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}

package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Bool;
import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Int;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.None;
import dev.tunegate.trainer.text.jinja.Value.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of Python's {@code str} that templates call. */
final class StringMethods {

    private final String text;
    private final Budget budget;

    private StringMethods(String text, Budget budget) {
        this.text = text;
        this.budget = budget;
    }

    /** The method bound to the text, or null when there is none of that name. */
    static @Nullable Value bind(Text text, String name, Budget budget) {
        Callable.Body body = new StringMethods(text.value(), budget).method(name);
        return body == null
                ? null
                : new Callable(name, arguments -> {
                    budget.text(text.value().length());
                    return body.call(arguments);
                });
    }

    private Callable.@Nullable Body method(String name) {
        return switch (name) {
            case "strip" -> a -> new Text(strip(text, a, true, true, budget));
            case "lstrip" -> a -> new Text(strip(text, a, true, false, budget));
            case "rstrip" -> a -> new Text(strip(text, a, false, true, budget));
            case "lower" -> a -> new Text(text.toLowerCase(Locale.ROOT));
            case "upper" -> a -> new Text(text.toUpperCase(Locale.ROOT));
            case "title" -> a -> new Text(title(text));
            case "capitalize" -> a -> new Text(capitalize(text));
            case "startswith" -> a -> Bool.of(affixes(a).stream().anyMatch(text::startsWith));
            case "endswith" -> a -> Bool.of(affixes(a).stream().anyMatch(text::endsWith));
            case "removeprefix" -> a -> new Text(removePrefix(Values.string(a.required(0, "prefix"), "prefix")));
            case "removesuffix" -> a -> new Text(removeSuffix(Values.string(a.required(0, "suffix"), "suffix")));
            case "split" -> a -> split(a, false);
            case "rsplit" -> a -> split(a, true);
            case "splitlines" -> a -> splitLines(a.flag(0, "keepends"));
            case "partition" -> a -> partition(a, text.indexOf(separator(a)), true);
            case "rpartition" -> a -> partition(a, text.lastIndexOf(separator(a)), false);
            case "replace" -> a -> new Text(replace(text, a, budget));
            case "join" -> a -> new Text(join(a.required(0, "iterable")));
            case "find" -> a -> Int.of(position(text.indexOf(part(a))));
            case "rfind" -> a -> Int.of(position(text.lastIndexOf(part(a))));
            case "index" -> a -> Int.of(found(position(text.indexOf(part(a)))));
            case "count" -> a -> Int.of(count(text, part(a)));
            case "zfill" -> a -> new Text(zeroFilled(Values.index(a.required(0, "width"), "width")));
            case "format" -> a -> Formats.braces(text, a, budget);
            case "isdigit", "isdecimal", "isnumeric" -> a -> Bool.of(all(Character::isDigit));
            case "isalpha" -> a -> Bool.of(all(Character::isLetter));
            case "isalnum" -> a -> Bool.of(all(Character::isLetterOrDigit));
            case "isspace" -> a -> Bool.of(all(Whitespace::isBlank));
            case "isupper" -> a -> Bool.of(cased() && text.equals(text.toUpperCase(Locale.ROOT)));
            case "islower" -> a -> Bool.of(cased() && text.equals(text.toLowerCase(Locale.ROOT)));
            default -> null;
        };
    }

    static String strip(String text, Arguments arguments, boolean left, boolean right, Budget budget) {
        arguments.allow(1, "chars");
        Value chars = arguments.optional(0, "chars");
        String set = chars == null || chars instanceof None ? null : Values.string(chars, "the characters to strip");
        if (set != null) {
            budget.search(text, set);
        }
        IntPredicate goes = set == null ? Whitespace::isBlank : c -> set.indexOf(c) >= 0;
        int start = 0;
        int end = text.length();
        while (left && start < end && goes.test(text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && end > start && goes.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    private static String title(String text) {
        StringBuilder titled = new StringBuilder(text.length());
        boolean wordGoesOn = false;
        for (int c : text.codePoints().toArray()) {
            titled.appendCodePoint(wordGoesOn ? Character.toLowerCase(c) : Character.toTitleCase(c));
            wordGoesOn = Character.isLetter(c);
        }
        return titled.toString();
    }

    private List<String> affixes(Arguments arguments) {
        arguments.allow(1);
        Value affix = arguments.required(0, "prefix");
        List<Value> all = affix instanceof Items list && list.tuple() ? list.items() : List.of(affix);
        budget.items(all.size());
        return all.stream().map(value -> Values.string(value, "the argument")).toList();
    }

    private String removePrefix(String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private String removeSuffix(String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private Value split(Arguments arguments, boolean fromRight) {
        arguments.allow(2, "sep", "maxsplit");
        Value separator = arguments.get(0, "sep", None.NONE);
        int most = Values.index(arguments.get(1, "maxsplit", Int.of(-1)), "maxsplit");
        // One part more than a list may have says that there are too many.
        int limit = most < 0 ? Budget.LARGEST_LIST : Math.min(most, Budget.LARGEST_LIST);
        List<String> parts;
        if (separator instanceof None) {
            parts = fromRight ? Splits.blanksFromRight(text, limit) : Splits.blanks(text, limit);
        } else {
            String by = Values.string(separator, "the separator");
            if (by.isEmpty()) {
                throw new TemplateError("empty separator");
            }
            budget.search(text, by);
            parts = fromRight ? Splits.byFromRight(text, by, limit) : Splits.by(text, by, limit);
        }
        return texts(parts);
    }

    private Value splitLines(boolean keepEnds) {
        return texts(Splits.lines(text, keepEnds));
    }

    private Items texts(List<String> parts) {
        budget.items(parts.size());
        List<Value> values = new ArrayList<>(parts.size());
        parts.forEach(part -> values.add(new Text(part)));
        return Items.list(values);
    }

    private String separator(Arguments arguments) {
        String separator = Values.string(arguments.required(0, "sep"), "the separator");
        if (separator.isEmpty()) {
            throw new TemplateError("empty separator");
        }
        budget.search(text, separator);
        return separator;
    }

    private Value partition(Arguments arguments, int at, boolean fromLeft) {
        String separator = separator(arguments);
        List<String> parts = at >= 0
                ? List.of(text.substring(0, at), separator, text.substring(at + separator.length()))
                : fromLeft ? List.of(text, "", "") : List.of("", "", text);
        return new Items(texts(parts).items(), true);
    }

    static String replace(String text, Arguments arguments, Budget budget) {
        arguments.allow(3, "old", "new", "count");
        String from = Values.string(arguments.required(0, "old"), "the text to replace");
        String to = Values.string(arguments.required(1, "new"), "the replacement");
        Value count = arguments.get(2, "count", None.NONE);
        int limit = count instanceof None ? -1 : Values.index(count, "the count");
        if (from.isEmpty()) {
            throw new TemplateError("replacing the empty text is not supported");
        }
        budget.search(text, from);
        long occurrences = count(text, from);
        long replaced = limit < 0 ? occurrences : Math.min(limit, occurrences);
        budget.text(text.length() + replaced * Math.max(0, to.length() - from.length()));
        StringBuilder result = new StringBuilder();
        int start = 0;
        for (long left = replaced; left > 0; left--) {
            int at = text.indexOf(from, start);
            result.append(text, start, at).append(to);
            start = at + from.length();
        }
        return result.append(text, start, text.length()).toString();
    }

    private String join(Value iterable) {
        List<String> parts = new ArrayList<>();
        long length = 0;
        for (Value part : Values.iterate(Values.defined(iterable), budget)) {
            parts.add(Values.string(part, "an item to join"));
            length += parts.get(parts.size() - 1).length() + (long) text.length();
            budget.text(length);
        }
        return String.join(text, parts);
    }

    private String part(Arguments arguments) {
        arguments.allow(1);
        String part = Values.string(arguments.required(0, "sub"), "the text to look for");
        budget.search(text, part);
        return part;
    }

    private int position(int unit) {
        return unit < 0 ? -1 : text.codePointCount(0, unit);
    }

    private static int found(int position) {
        if (position < 0) {
            throw new TemplateError("substring not found");
        }
        return position;
    }

    private static long count(String text, String part) {
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1L;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    private String zeroFilled(int width) {
        int missing = Math.max(0, width - text.codePointCount(0, text.length()));
        budget.text(missing);
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return text.substring(0, sign) + String.join("", Collections.nCopies(missing, "0")) + text.substring(sign);
    }

    private boolean all(IntPredicate predicate) {
        return !text.isEmpty() && text.codePoints().allMatch(predicate);
    }

    private boolean cased() {
        return text.codePoints().anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }
}

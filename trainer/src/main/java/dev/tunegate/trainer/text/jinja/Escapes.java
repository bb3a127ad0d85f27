package dev.tunegate.trainer.text.jinja;

import org.jspecify.annotations.Nullable;

/** The backslash escapes of a string literal, as Python reads them. */
final class Escapes {

    private Escapes() {}

    static String resolve(String raw, int line) {
        if (raw.indexOf('\\') < 0) {
            return raw;
        }
        StringBuilder text = new StringBuilder(raw.length());
        int i = 0;
        while (i < raw.length()) {
            char c = raw.charAt(i++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escape = raw.charAt(i++);
            int digits = digits(escape, raw, i - 1);
            if (digits > 0) {
                int from = escape >= '0' && escape <= '7' ? i - 1 : i;
                text.appendCodePoint(codePoint(raw, from, digits, from < i ? 8 : 16, line));
                i = from + digits;
            } else {
                String simple = simple(escape);
                text.append(simple == null ? "\\" + escape : simple);
            }
        }
        return text.toString();
    }

    /** How many digits a numeric escape has; 0 for another escape. */
    private static int digits(char escape, String raw, int at) {
        return switch (escape) {
            case 'x' -> 2;
            case 'u' -> 4;
            case 'U' -> 8;
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                int count = 1;
                while (count < 3 && at + count < raw.length() && Character.digit(raw.charAt(at + count), 8) >= 0) {
                    count++;
                }
                yield count;
            }
            default -> 0;
        };
    }

    private static int codePoint(String raw, int from, int digits, int radix, int line) {
        int end = from + digits;
        if (end <= raw.length() && raw.substring(from, end).chars().allMatch(c -> Character.digit(c, radix) >= 0)) {
            long point = Long.parseLong(raw.substring(from, end), radix);
            if (point <= Character.MAX_CODE_POINT) {
                return (int) point;
            }
        }
        throw new TemplateError("a string has a broken \\x, \\u or \\U escape", line);
    }

    private static @Nullable String simple(char escape) {
        return switch (escape) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'r' -> "\r";
            case '\\' -> "\\";
            case '\'' -> "'";
            case '"' -> "\"";
            case 'a' -> "\u0007";
            case 'b' -> "\b";
            case 'f' -> "\f";
            case 'v' -> "\u000B";
            case '\n' -> "";
            default -> null;
        };
    }
}

package dev.tunegate.trainer.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's ways to split a string, each with the most splits to make. */
final class Splits {

    private Splits() {}

    static List<String> by(String text, String separator, int limit) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        int at = text.indexOf(separator);
        while (at >= 0 && parts.size() < limit) {
            parts.add(text.substring(start, at));
            start = at + separator.length();
            at = text.indexOf(separator, start);
        }
        parts.add(text.substring(start));
        return parts;
    }

    static List<String> byFromRight(String text, String separator, int limit) {
        List<String> parts = new ArrayList<>();
        int end = text.length();
        int at = text.lastIndexOf(separator);
        while (at >= 0 && parts.size() < limit) {
            parts.add(text.substring(at + separator.length(), end));
            end = at;
            at = text.lastIndexOf(separator, end - separator.length());
        }
        parts.add(text.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    /** Splits at runs of whitespace; leading and trailing ones give no part. */
    static List<String> blanks(String text, int limit) {
        List<String> parts = new ArrayList<>();
        int start = wordStart(text, 0);
        while (start < text.length()) {
            if (parts.size() == limit) {
                parts.add(text.substring(start));
                return parts;
            }
            int end = start;
            while (end < text.length() && !Whitespace.isBlank(text.charAt(end))) {
                end++;
            }
            parts.add(text.substring(start, end));
            start = wordStart(text, end);
        }
        return parts;
    }

    static List<String> blanksFromRight(String text, int limit) {
        List<String> parts = new ArrayList<>();
        int end = wordEnd(text, text.length());
        while (end > 0) {
            if (parts.size() == limit) {
                parts.add(text.substring(0, end));
                break;
            }
            int start = end;
            while (start > 0 && !Whitespace.isBlank(text.charAt(start - 1))) {
                start--;
            }
            parts.add(text.substring(start, end));
            end = wordEnd(text, start);
        }
        Collections.reverse(parts);
        return parts;
    }

    private static int wordStart(String text, int from) {
        int start = from;
        while (start < text.length() && Whitespace.isBlank(text.charAt(start))) {
            start++;
        }
        return start;
    }

    private static int wordEnd(String text, int from) {
        int end = from;
        while (end > 0 && Whitespace.isBlank(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    /** Splits at line ends; one line more than a list may have says that there are too many. */
    static List<String> lines(String text, boolean keepEnds) {
        List<String> lines = new ArrayList<>();
        int start = 0;
        int at = 0;
        while (at < text.length() && lines.size() < Budget.LARGEST_LIST) {
            int end = at;
            if (isLineEnd(text.charAt(at))) {
                at += text.startsWith("\r\n", at) ? 2 : 1;
                lines.add(text.substring(start, keepEnds ? at : end));
                start = at;
            } else {
                at++;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean isLineEnd(char c) {
        return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }
}

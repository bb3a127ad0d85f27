package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template's source into tokens, with the whitespace rules of {@code trim_blocks} and {@code lstrip_blocks}:
 * the first newline after a block or comment goes, and so do the blanks before one that begins its line. {@code -}
 * at a tag's edge strips all whitespace on that side, {@code +} none.
 */
final class Lexer {

    private static final List<String> OPERATORS = List.of(
            "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<",
            "=", ".", ":", "|", ",", ";");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    // True when the last tag's own trimming ended with a newline, so that the text after it begins a line.
    private boolean lineStarting = true;

    private Lexer(String source) {
        String normalized = source.replace("\r\n", "\n").replace('\r', '\n');
        this.source = normalized.endsWith("\n") ? normalized.substring(0, normalized.length() - 1) : normalized;
    }

    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(source.substring(at));
                break;
            }
            char type = source.charAt(tag + 1);
            char sign = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            data(before(tag, type, sign));
            at = tag + 2 + (sign == '-' || sign == '+' ? 1 : 0);
            if (type == '#') {
                comment();
            } else if (type == '%' && isKeyword(at, "raw")) {
                raw();
            } else {
                tag(type);
            }
        }
        tokens.add(new Token(Kind.END, "", line));
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The text up to a tag, stripped as the tag asks; moves on to the tag. */
    private String before(int tag, char type, char sign) {
        String text = source.substring(at, tag);
        if (sign == '-') {
            return strippedRight(text);
        }
        if (sign == '+' || type == '{') {
            return text;
        }
        int lineStart = text.lastIndexOf('\n') + 1;
        boolean beginsLine = lineStart > 0 || lineStarting;
        boolean blank =
                beginsLine && Whitespace.stripLeft(text.substring(lineStart)).isEmpty();
        return blank ? text.substring(0, lineStart) : text;
    }

    // Newlines that are stripped away still count for the line numbers of what follows.
    private String strippedRight(String text) {
        String stripped = Whitespace.stripRight(text);
        if (!stripped.isEmpty()) {
            tokens.add(new Token(Kind.DATA, stripped, line));
        }
        countLines(text);
        return "";
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Kind.DATA, text, line));
            countLines(text);
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw new TemplateError("a comment '{#' has no end '#}'", line);
        }
        countLines(source.substring(at, end));
        char sign = end > at ? source.charAt(end - 1) : ' ';
        at = end + 2;
        endTag(sign);
    }

    private void raw() {
        at = skipKeyword(at, "raw");
        boolean strip = source.startsWith("-%}", at);
        if (!strip && !source.startsWith("%}", at)) {
            throw new TemplateError("'raw' takes nothing before '%}'", line);
        }
        at += strip ? 3 : 2;
        if (strip) {
            skipBlanks();
        }
        for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 2)) {
            char sign = i + 2 < source.length() ? source.charAt(i + 2) : ' ';
            int keyword = i + 2 + (sign == '-' || sign == '+' ? 1 : 0);
            if (isKeyword(keyword, "endraw")) {
                data(before(i, '%', sign));
                int end = skipKeyword(keyword, "endraw");
                char endSign = end < source.length() ? source.charAt(end) : ' ';
                at = source.indexOf("%}", end) + 2;
                endTag(endSign);
                return;
            }
        }
        throw new TemplateError("'raw' has no 'endraw'", line);
    }

    private void tag(char type) {
        boolean variable = type == '{';
        String end = variable ? "}}" : "%}";
        tokens.add(new Token(variable ? Kind.VARIABLE_BEGIN : Kind.BLOCK_BEGIN, "", line));
        int open = line;
        Deque<Character> brackets = new ArrayDeque<>();
        while (at < source.length()) {
            skipBlanks();
            char sign = at < source.length() ? source.charAt(at) : ' ';
            boolean signed = sign == '-' || (sign == '+' && !variable);
            if (brackets.isEmpty() && source.startsWith(end, at + (signed ? 1 : 0))) {
                tokens.add(new Token(variable ? Kind.VARIABLE_END : Kind.BLOCK_END, "", line));
                at += signed ? 3 : 2;
                endTag(variable && sign != '-' ? '+' : sign);
                return;
            }
            if (at < source.length()) {
                expressionToken(brackets);
            }
        }
        throw new TemplateError("a tag '{" + type + "' has no end '" + end + "'", open);
    }

    private void endTag(char sign) {
        lineStarting = false;
        if (sign == '-') {
            int from = at;
            skipBlanks();
            lineStarting = at > from && source.charAt(at - 1) == '\n';
        } else if (sign != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
            line++;
            lineStarting = true;
        }
    }

    private void expressionToken(Deque<Character> brackets) {
        char c = source.charAt(at);
        if (c == '"' || c == '\'') {
            string(c);
        } else if (c >= '0' && c <= '9') {
            boolean afterDot = tokens.get(tokens.size() - 1).isOperator(".");
            Token number = NumberLexer.read(source, at, line, afterDot);
            tokens.add(number);
            at += number.text().length();
        } else if (Character.isUnicodeIdentifierStart(source.codePointAt(at)) || c == '_') {
            int end = at;
            while (end < source.length() && Character.isUnicodeIdentifierPart(source.charAt(end))) {
                end++;
            }
            tokens.add(new Token(Kind.NAME, source.substring(at, end), line));
            at = end;
        } else {
            operator(brackets);
        }
    }

    private void operator(Deque<Character> brackets) {
        String operator = OPERATORS.stream()
                .filter(known -> source.startsWith(known, at))
                .findFirst()
                .orElseThrow(() -> new TemplateError("unexpected character '" + source.charAt(at) + "'", line));
        char c = operator.charAt(0);
        int opening = "([{".indexOf(c);
        int closing = ")]}".indexOf(c);
        if (opening >= 0) {
            brackets.push(")]}".charAt(opening));
        } else if (closing >= 0 && (brackets.isEmpty() || brackets.pop() != c)) {
            throw new TemplateError("unexpected '" + c + "'", line);
        }
        tokens.add(new Token(Kind.OPERATOR, operator, line));
        at += operator.length();
    }

    private void string(char quote) {
        int end = at + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw new TemplateError("a string has no end", line);
        }
        String raw = source.substring(at + 1, end);
        tokens.add(new Token(Kind.STRING, Escapes.resolve(raw, line), line));
        countLines(raw);
        at = end + 1;
    }

    private boolean isKeyword(int from, String keyword) {
        int start = blanksEnd(from);
        int end = start + keyword.length();
        int tagEnd = blanksEnd(end);
        char sign = tagEnd < source.length() ? source.charAt(tagEnd) : ' ';
        return source.startsWith(keyword, start)
                && source.startsWith("%}", tagEnd + (sign == '-' || sign == '+' ? 1 : 0));
    }

    private int skipKeyword(int from, String keyword) {
        return blanksEnd(blanksEnd(from) + keyword.length());
    }

    private int blanksEnd(int from) {
        int end = from;
        while (end < source.length() && Whitespace.isBlank(source.charAt(end))) {
            end++;
        }
        return end;
    }

    private void skipBlanks() {
        int end = blanksEnd(at);
        countLines(source.substring(at, end));
        at = end;
    }

    private void countLines(String text) {
        line += (int) text.chars().filter(c -> c == '\n').count();
    }
}

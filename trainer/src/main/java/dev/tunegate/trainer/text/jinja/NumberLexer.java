package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Token.Kind;

/** Reads a number where one begins; underscores between digits are allowed, as in Python. */
final class NumberLexer {

    private final String source;
    private int at;

    private NumberLexer(String source, int at) {
        this.source = source;
        this.at = at;
    }

    /**
     * Reads a number.
     *
     * @param afterDot whether a dot stands before it, as in {@code pair.0.name}: then it is an index, never a float
     */
    static Token read(String source, int from, int line, boolean afterDot) {
        NumberLexer lexer = new NumberLexer(source, from);
        Kind kind = lexer.number(afterDot);
        return new Token(kind, source.substring(from, lexer.at), line);
    }

    private Kind number(boolean afterDot) {
        char prefix = Character.toLowerCase(peek(1));
        if (peek(0) == '0' && (prefix == 'x' || prefix == 'o' || prefix == 'b')) {
            int radix = prefix == 'x' ? 16 : prefix == 'o' ? 8 : 2;
            at += 2;
            digits(radix);
            return Kind.INTEGER;
        }
        digits(10);
        Kind kind = Kind.INTEGER;
        if (!afterDot && peek(0) == '.' && Character.digit(peek(1), 10) >= 0) {
            at++;
            digits(10);
            kind = Kind.FLOAT;
        }
        int sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if (!afterDot && Character.toLowerCase(peek(0)) == 'e' && Character.digit(peek(1 + sign), 10) >= 0) {
            at += 1 + sign;
            digits(10);
            kind = Kind.FLOAT;
        }
        return kind;
    }

    private void digits(int radix) {
        while (Character.digit(peek(0), radix) >= 0 || (peek(0) == '_' && Character.digit(peek(1), radix) >= 0)) {
            at++;
        }
    }

    private char peek(int ahead) {
        return at + ahead < source.length() ? source.charAt(at + ahead) : ' ';
    }
}

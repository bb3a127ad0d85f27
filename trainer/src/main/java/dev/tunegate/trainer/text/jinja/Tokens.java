package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Token.Kind;
import java.util.List;

/** The parser's place in the tokens. */
final class Tokens {

    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    int line() {
        return peek().line();
    }

    Token next() {
        Token token = tokens.get(at);
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    boolean skipName(String name) {
        boolean found = peek().isName(name);
        at += found ? 1 : 0;
        return found;
    }

    boolean skipOperator(String operator) {
        boolean found = peek().isOperator(operator);
        at += found ? 1 : 0;
        return found;
    }

    Token expect(Kind kind, String what) {
        if (peek().kind() != kind) {
            throw unexpected(what);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    TemplateError unexpected(String wanted) {
        return new TemplateError("expected " + wanted + ", found " + peek().shown(), line());
    }

    /** Goes one level deeper into brackets, operators or blocks. */
    void enter() {
        if (++depth > DEEPEST) {
            throw new TemplateError("is nested more than " + DEEPEST + " levels deep", line());
        }
    }

    void leave() {
        depth--;
    }
}

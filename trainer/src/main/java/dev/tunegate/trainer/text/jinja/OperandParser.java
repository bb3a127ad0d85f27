package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Expression.CallArguments;
import dev.tunegate.trainer.text.jinja.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parses what operators work on: literals, names, brackets, and the attributes, items and calls behind them. */
final class OperandParser {

    private final Tokens tokens;
    private final ExpressionParser expressions;

    OperandParser(Tokens tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression primary() {
        Token token = tokens.next();
        int line = token.line();
        switch (token.kind()) {
            case NAME -> {
                return constantOrName(token.text(), line);
            }
            case STRING -> {
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                return new Expression.Constant(new Value.Text(text.toString()), line);
            }
            case INTEGER -> {
                return new Expression.Constant(integer(token.text().replace("_", "")), line);
            }
            case FLOAT -> {
                return new Expression.Constant(
                        new Value.Real(Double.parseDouble(token.text().replace("_", ""))), line);
            }
            case OPERATOR -> {
                return bracketed(token, line);
            }
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END -> throw notAnExpression(token);
        }
        throw notAnExpression(token);
    }

    private static TemplateError notAnExpression(Token token) {
        return new TemplateError("expected an expression, found " + token.shown(), token.line());
    }

    private static Expression constantOrName(String name, int line) {
        return switch (name) {
            case "true", "True" -> new Expression.Constant(Value.Bool.TRUE, line);
            case "false", "False" -> new Expression.Constant(Value.Bool.FALSE, line);
            case "none", "None" -> new Expression.Constant(Value.None.NONE, line);
            default -> new Expression.Name(name, line);
        };
    }

    private static Value integer(String digits) {
        String prefix = digits.length() > 2 ? digits.substring(0, 2).toLowerCase(Locale.ROOT) : "";
        return new Value.Int(
                switch (prefix) {
                    case "0x" -> new BigInteger(digits.substring(2), 16);
                    case "0o" -> new BigInteger(digits.substring(2), 8);
                    case "0b" -> new BigInteger(digits.substring(2), 2);
                    default -> new BigInteger(digits);
                });
    }

    private Expression bracketed(Token open, int line) {
        tokens.enter();
        Expression value;
        if (open.isOperator("(")) {
            value = expressions.tuple(true, true);
            tokens.expectOperator(")");
        } else if (open.isOperator("[")) {
            value = list(line);
        } else if (open.isOperator("{")) {
            value = dict(line);
        } else {
            throw notAnExpression(open);
        }
        tokens.leave();
        return value;
    }

    private Expression list(int line) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
            items.add(expressions.expression());
            if (!tokens.peek().isOperator("]")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.ItemsLiteral(items, false, line);
    }

    private Expression dict(int line) {
        List<Expression.Entry> entries = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            Expression key = expressions.expression();
            tokens.expectOperator(":");
            entries.add(new Expression.Entry(key, expressions.expression()));
            if (!tokens.peek().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.DictLiteral(entries, line);
    }

    Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = attribute(value);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.peek().isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression object) {
        Token name = tokens.next();
        if (name.kind() == Kind.NAME) {
            return new Expression.Attribute(object, name.text(), name.line());
        }
        if (name.kind() == Kind.INTEGER) {
            Expression index = new Expression.Constant(integer(name.text()), name.line());
            return new Expression.Item(object, index, name.line());
        }
        throw new TemplateError("expected a name after '.', found " + name.shown(), name.line());
    }

    private Expression subscript(Expression object) {
        int line = tokens.line();
        tokens.enter();
        Expression start = tokens.peek().isOperator(":") ? null : expressions.expression();
        Expression value;
        if (tokens.skipOperator(":")) {
            Expression stop = sliceEnd();
            Expression step = tokens.skipOperator(":") ? sliceEnd() : null;
            value = new Expression.Slice(object, start, stop, step, line);
        } else if (start != null) {
            value = new Expression.Item(object, start, line);
        } else {
            throw tokens.unexpected("an index");
        }
        tokens.expectOperator("]");
        tokens.leave();
        return value;
    }

    private @Nullable Expression sliceEnd() {
        return tokens.peek().isOperator(":") || tokens.peek().isOperator("]") ? null : expressions.expression();
    }

    Expression.Call call(Expression callee) {
        int line = tokens.line();
        return new Expression.Call(callee, arguments(), line);
    }

    CallArguments arguments() {
        tokens.enter();
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression spreadPositional = null;
        Expression spreadNamed = null;
        while (!tokens.skipOperator(")")) {
            if (tokens.skipOperator("**")) {
                spreadNamed = expressions.expression();
            } else if (tokens.skipOperator("*")) {
                spreadPositional = expressions.expression();
            } else if (tokens.peek().kind() == Kind.NAME && tokens.peekSecond().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expressions.expression());
            } else if (named.isEmpty()) {
                positional.add(expressions.expression());
            } else {
                throw new TemplateError("a positional argument follows a named one", tokens.line());
            }
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        tokens.leave();
        return new CallArguments(positional, named, spreadPositional, spreadNamed);
    }
}

package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Expression.CallArguments;
import dev.tunegate.trainer.text.jinja.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses expressions by recursive descent, with Jinja2's precedence. */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    // Names that go on with the expression after a test, so they are not the test's argument.
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "if", "is", "in", "not", "recursive");

    private final Tokens tokens;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
    }

    /** An expression, or several with commas between them, which make a tuple. */
    Expression tupleOrExpression() {
        return tuple(false, true);
    }

    /** As {@link #tupleOrExpression}, leaving a trailing {@code if} to the statement. */
    Expression tupleWithoutCondition() {
        return tuple(false, false);
    }

    Expression expression() {
        tokens.enter();
        int line = tokens.line();
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression condition = or();
            Expression otherwise = tokens.skipName("else") ? expression() : null;
            value = new Expression.Conditional(value, condition, otherwise, line);
        }
        tokens.leave();
        return value;
    }

    private Expression tuple(boolean parenthesized, boolean conditions) {
        int line = tokens.line();
        List<Expression> items = new ArrayList<>();
        boolean comma = false;
        while (!atTupleEnd()) {
            items.add(conditions ? expression() : or());
            comma = tokens.skipOperator(",");
            if (!comma) {
                break;
            }
        }
        if (items.size() == 1 && !comma) {
            return items.get(0);
        }
        if (items.isEmpty() && !parenthesized) {
            throw tokens.unexpected("an expression");
        }
        return new Expression.ItemsLiteral(items, true, line);
    }

    private boolean atTupleEnd() {
        Token token = tokens.peek();
        return token.kind() == Kind.VARIABLE_END || token.kind() == Kind.BLOCK_END || token.isOperator(")");
    }

    Expression or() {
        int line = tokens.line();
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Logical(false, left, and(), line);
        }
        return left;
    }

    private Expression and() {
        int line = tokens.line();
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.Logical(true, left, not(), line);
        }
        return left;
    }

    private Expression not() {
        int line = tokens.line();
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression operand = not();
        tokens.leave();
        return new Expression.Not(operand, line);
    }

    private Expression comparison() {
        int line = tokens.line();
        Expression first = sum();
        List<Expression.Step> steps = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                tokens.next();
                steps.add(new Expression.Step(token.text(), sum()));
            } else if (tokens.skipName("in")) {
                steps.add(new Expression.Step("in", sum()));
            } else if (token.isName("not") && tokens.peekSecond().isName("in")) {
                tokens.next();
                tokens.next();
                steps.add(new Expression.Step("not in", sum()));
            } else {
                return steps.isEmpty() ? first : new Expression.Comparison(first, steps, line);
            }
        }
    }

    private Expression sum() {
        int line = tokens.line();
        Expression left = concat();
        while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
            left = new Expression.Binary(tokens.next().text(), left, concat(), line);
        }
        return left;
    }

    private Expression concat() {
        int line = tokens.line();
        Expression first = product();
        if (!tokens.peek().isOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expression.Concat(parts, line);
    }

    private Expression product() {
        int line = tokens.line();
        Expression left = power();
        while (true) {
            Token token = tokens.peek();
            if (!token.isOperator("*") && !token.isOperator("/") && !token.isOperator("//") && !token.isOperator("%")) {
                return left;
            }
            tokens.next();
            left = new Expression.Binary(token.text(), left, power(), line);
        }
    }

    private Expression power() {
        int line = tokens.line();
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = new Expression.Binary("**", left, unary(true), line);
        }
        return left;
    }

    // The sign binds closer than filters: -1|abs is (-1)|abs.
    private Expression unary(boolean filters) {
        int line = tokens.line();
        Token token = tokens.peek();
        Expression value;
        if (token.isOperator("-") || token.isOperator("+")) {
            tokens.next();
            tokens.enter();
            value = new Expression.Sign(token.text(), unary(false), line);
            tokens.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return filters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
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
            value = tuple(true, true);
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
            items.add(expression());
            if (!tokens.peek().isOperator("]")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.ItemsLiteral(items, false, line);
    }

    private Expression dict(int line) {
        List<Expression.Entry> entries = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            Expression key = expression();
            tokens.expectOperator(":");
            entries.add(new Expression.Entry(key, expression()));
            if (!tokens.peek().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Expression.DictLiteral(entries, line);
    }

    private Expression postfix(Expression start) {
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
        Expression start = tokens.peek().isOperator(":") ? null : expression();
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
        return tokens.peek().isOperator(":") || tokens.peek().isOperator("]") ? null : expression();
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            int line = tokens.line();
            if (tokens.skipOperator("|")) {
                value = filter(value, line);
            } else if (tokens.skipName("is")) {
                value = test(value, line);
            } else if (tokens.peek().isOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    /** A filter after its {@code |}. */
    Expression.Filter filter(Expression input, int line) {
        String name = dottedName("a filter's name");
        CallArguments arguments = tokens.peek().isOperator("(") ? arguments() : CallArguments.NONE;
        return new Expression.Filter(input, name, arguments, line);
    }

    private Expression test(Expression input, int line) {
        boolean negated = tokens.skipName("not");
        String name = dottedName("a test's name");
        Token next = tokens.peek();
        CallArguments arguments = CallArguments.NONE;
        if (next.isOperator("(")) {
            arguments = arguments();
        } else if (beginsArgument(next)) {
            arguments = new CallArguments(List.of(postfix(primary())), Map.of(), null, null);
        }
        if (tokens.peek().isName("is")) {
            throw new TemplateError("tests cannot be chained with 'is'", tokens.line());
        }
        Expression test = new Expression.Test(input, name, arguments, line);
        return negated ? new Expression.Not(test, line) : test;
    }

    private static boolean beginsArgument(Token token) {
        return switch (token.kind()) {
            case NAME -> !AFTER_TEST.contains(token.text());
            case STRING, INTEGER, FLOAT -> true;
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
    }

    private String dottedName(String what) {
        StringBuilder name = new StringBuilder(tokens.expect(Kind.NAME, what).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME, what).text());
        }
        return name.toString();
    }

    private Expression.Call call(Expression callee) {
        int line = tokens.line();
        return new Expression.Call(callee, arguments(), line);
    }

    private CallArguments arguments() {
        tokens.enter();
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression spreadPositional = null;
        Expression spreadNamed = null;
        while (!tokens.skipOperator(")")) {
            if (tokens.skipOperator("**")) {
                spreadNamed = expression();
            } else if (tokens.skipOperator("*")) {
                spreadPositional = expression();
            } else if (tokens.peek().kind() == Kind.NAME && tokens.peekSecond().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty()) {
                positional.add(expression());
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

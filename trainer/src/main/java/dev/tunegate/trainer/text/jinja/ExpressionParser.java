package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Expression.CallArguments;
import dev.tunegate.trainer.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses expressions by recursive descent, with Jinja2's precedence. */
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    // These names go on with the expression after a test, so they are not the test's argument.
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and", "if", "is", "in", "not", "recursive");

    private final Tokens tokens;
    private final OperandParser operands;

    ExpressionParser(Tokens tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
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

    Expression tuple(boolean parenthesized, boolean conditions) {
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
            value = operands.primary();
        }
        value = operands.postfix(value);
        return filters ? filtersAndTests(value) : value;
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
                value = operands.call(value);
            } else {
                return value;
            }
        }
    }

    /** A filter after its {@code |}. */
    Expression.Filter filter(Expression input, int line) {
        String name = dottedName("a filter's name");
        CallArguments arguments = tokens.peek().isOperator("(") ? operands.arguments() : CallArguments.NONE;
        return new Expression.Filter(input, name, arguments, line);
    }

    private Expression test(Expression input, int line) {
        boolean negated = tokens.skipName("not");
        String name = dottedName("a test's name");
        Token next = tokens.peek();
        CallArguments arguments = CallArguments.NONE;
        if (next.isOperator("(")) {
            arguments = operands.arguments();
        } else if (beginsArgument(next)) {
            arguments = new CallArguments(List.of(operands.postfix(operands.primary())), Map.of(), null, null);
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
}

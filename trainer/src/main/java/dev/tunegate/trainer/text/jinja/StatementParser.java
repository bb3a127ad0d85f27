package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Statement.Parameter;
import dev.tunegate.trainer.text.jinja.Statement.Target;
import dev.tunegate.trainer.text.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Parses a template into its statements. */
final class StatementParser {

    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;
    private boolean marksGeneration;

    private StatementParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    /**
     * What a source says.
     *
     * @param marksGeneration whether it has a {@code generation} block
     */
    record Parsed(List<Statement> statements, boolean marksGeneration) {}

    static Parsed parse(String source) {
        Tokens tokens = new Tokens(Lexer.tokens(source));
        StatementParser parser = new StatementParser(tokens);
        List<Statement> statements = parser.body(Set.of());
        if (tokens.peek().kind() != Kind.END) {
            throw new TemplateError(
                    "unknown or misplaced tag " + tokens.peekSecond().shown(), tokens.line());
        }
        return new Parsed(statements, parser.marksGeneration);
    }

    /** The statements up to a tag of one of these names, or the template's end; the tag is not consumed. */
    private List<Statement> body(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.DATA) {
                statements.add(new Statement.Data(tokens.next().text(), token.line()));
            } else if (token.kind() == Kind.VARIABLE_BEGIN) {
                tokens.next();
                statements.add(new Statement.Print(expressions.tupleOrExpression(), token.line()));
                tokens.expect(Kind.VARIABLE_END, "'}}'");
            } else if (token.kind() == Kind.BLOCK_BEGIN
                    && !ends.contains(tokens.peekSecond().text())) {
                tokens.next();
                statements.add(statement());
            } else {
                tokens.leave();
                return statements;
            }
        }
    }

    private Statement statement() {
        int line = tokens.line();
        String tag = tokens.expect(Kind.NAME, "a tag's name").text();
        return switch (tag) {
            case "if" -> condition(line);
            case "for" -> loop(line);
            case "set" -> assignment(line);
            case "with" -> with(line);
            case "macro" -> macro(line);
            case "call" -> callBlock(line);
            case "filter" -> filterBlock(line);
            case "generation" -> generation(line);
            case "break" -> closed(inLoop(new Statement.Break(line), line));
            case "continue" -> closed(inLoop(new Statement.Continue(line), line));
            default -> throw new TemplateError("unknown or misplaced tag '" + tag + "'", line);
        };
    }

    private Statement generation(int line) {
        marksGeneration = true;
        return new Statement.Generation(blockOf("endgeneration"), line);
    }

    private Statement inLoop(Statement statement, int line) {
        if (loops == 0) {
            throw new TemplateError("'break' and 'continue' belong inside a loop", line);
        }
        return statement;
    }

    private Statement condition(int line) {
        List<Statement.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        boolean more = true;
        while (more) {
            Expression condition = expressions.tupleOrExpression();
            blockEnd();
            branches.add(new Statement.Branch(condition, body(Set.of("elif", "else", "endif"))));
            String end = endTag("endif");
            more = end.equals("elif");
            if (end.equals("else")) {
                otherwise = blockOf("endif");
                return new Statement.If(branches, otherwise, line);
            }
        }
        blockEnd();
        return new Statement.If(branches, otherwise, line);
    }

    private Statement loop(int line) {
        Target target = target();
        tokens.expectName("in");
        Expression items = expressions.tupleWithoutCondition();
        Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        blockEnd();
        loops++;
        List<Statement> body = body(Set.of("else", "endfor"));
        loops--;
        List<Statement> otherwise = List.of();
        if (endTag("endfor").equals("else")) {
            otherwise = blockOf("endfor");
        } else {
            blockEnd();
        }
        return new Statement.For(target, items, filter, recursive, body, otherwise, line);
    }

    private Statement assignment(int line) {
        Target target = target();
        if (tokens.skipOperator("=")) {
            return closed(new Statement.Assign(target, expressions.tupleOrExpression(), line));
        }
        List<Expression.Filter> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            filters.add(pendingFilter());
        }
        return new Statement.AssignBlock(target, filters, blockOf("endset"), line);
    }

    private Statement with(int line) {
        List<Statement.Assign> variables = new ArrayList<>();
        while (tokens.peek().kind() != Kind.BLOCK_END) {
            if (!variables.isEmpty()) {
                tokens.expectOperator(",");
            }
            int at = tokens.line();
            Target target = simpleTarget();
            tokens.expectOperator("=");
            variables.add(new Statement.Assign(target, expressions.expression(), at));
        }
        return new Statement.With(variables, blockOf("endwith"), line);
    }

    private Statement macro(int line) {
        String name = tokens.expect(Kind.NAME, "a macro's name").text();
        List<Parameter> parameters = parameters();
        int outer = loops;
        loops = 0;
        List<Statement> body = blockOf("endmacro");
        loops = outer;
        return new Statement.Macro(name, parameters, body, line);
    }

    private Statement callBlock(int line) {
        List<Parameter> parameters = tokens.peek().isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw new TemplateError("'call' takes a call of a macro", line);
        }
        return new Statement.CallBlock(parameters, call, blockOf("endcall"), line);
    }

    private Statement filterBlock(int line) {
        List<Expression.Filter> filters = new ArrayList<>(List.of(pendingFilter()));
        while (tokens.skipOperator("|")) {
            filters.add(pendingFilter());
        }
        return new Statement.FilterBlock(filters, blockOf("endfilter"), line);
    }

    // The input of a block's filter is the block's text, known only when it is rendered.
    private Expression.Filter pendingFilter() {
        int line = tokens.line();
        return expressions.filter(new Expression.Constant(new Value.Text(""), line), line);
    }

    private List<Parameter> parameters() {
        tokens.expectOperator("(");
        List<Parameter> parameters = new ArrayList<>();
        while (!tokens.skipOperator(")")) {
            String name = tokens.expect(Kind.NAME, "a parameter's name").text();
            Expression otherwise = tokens.skipOperator("=") ? expressions.expression() : null;
            parameters.add(new Parameter(name, otherwise));
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return parameters;
    }

    private Target target() {
        List<Target> targets = new ArrayList<>(List.of(simpleTarget()));
        boolean comma = false;
        while (tokens.skipOperator(",")) {
            comma = true;
            if (tokens.peek().kind() == Kind.NAME || tokens.peek().isOperator("(")) {
                targets.add(simpleTarget());
            }
        }
        return comma ? new Statement.Unpack(targets) : targets.get(0);
    }

    private Target simpleTarget() {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target inner = target();
            tokens.expectOperator(")");
            tokens.leave();
            return inner;
        }
        Token name = tokens.expect(Kind.NAME, "a variable's name");
        if (tokens.skipOperator(".")) {
            String attribute = tokens.expect(Kind.NAME, "an attribute's name").text();
            return new Statement.NamespaceField(name.text(), attribute);
        }
        return new Statement.Variable(name.text());
    }

    /** The rest of the opening tag, the body, and the closing tag. */
    private List<Statement> blockOf(String end) {
        blockEnd();
        List<Statement> body = body(Set.of(end));
        endTag(end);
        blockEnd();
        return body;
    }

    /** Consumes the beginning of the tag that ended a body and returns its name. */
    private String endTag(String wanted) {
        if (tokens.peek().kind() != Kind.BLOCK_BEGIN) {
            throw new TemplateError("the template ends before '" + wanted + "'", tokens.line());
        }
        tokens.next();
        return tokens.next().text();
    }

    private Statement closed(Statement statement) {
        blockEnd();
        return statement;
    }

    private void blockEnd() {
        tokens.expect(Kind.BLOCK_END, "'%}'");
    }
}

package dev.tunegate.trainer.text.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A statement of the template language, with the line it begins in. */
sealed interface Statement {

    int line();

    /** Literal text. */
    record Data(String text, int line) implements Statement {}

    /** {@code {{ value }}}. */
    record Print(Expression value, int line) implements Statement {}

    record If(List<Branch> branches, List<Statement> otherwise, int line) implements Statement {}

    record Branch(Expression condition, List<Statement> body) {}

    record For(
            Target target,
            Expression items,
            @Nullable Expression filter,
            boolean recursive,
            List<Statement> body,
            List<Statement> otherwise,
            int line)
            implements Statement {}

    record Assign(Target target, Expression value, int line) implements Statement {}

    /** {@code {% set name %}…{% endset %}}, with filters applied to the text. */
    record AssignBlock(Target target, List<Expression.Filter> filters, List<Statement> body, int line)
            implements Statement {}

    record With(List<Assign> variables, List<Statement> body, int line) implements Statement {}

    record Macro(String name, List<Parameter> parameters, List<Statement> body, int line) implements Statement {}

    record Parameter(String name, @Nullable Expression otherwise) {}

    /** {@code {% call(parameters) macro(…) %}…{% endcall %}}. */
    record CallBlock(List<Parameter> parameters, Expression.Call call, List<Statement> body, int line)
            implements Statement {}

    record FilterBlock(List<Expression.Filter> filters, List<Statement> body, int line) implements Statement {}

    /** {@code {% generation %}}: what the assistant says. */
    record Generation(List<Statement> body, int line) implements Statement {}

    record Break(int line) implements Statement {}

    record Continue(int line) implements Statement {}

    /** What an assignment assigns to. */
    sealed interface Target {}

    record Variable(String name) implements Target {}

    record NamespaceField(String namespace, String attribute) implements Target {}

    record Unpack(List<Target> targets) implements Target {}
}

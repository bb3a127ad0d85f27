package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.text.jinja.Value.Callable;
import dev.tunegate.trainer.text.jinja.Value.Dict;
import dev.tunegate.trainer.text.jinja.Value.Items;
import dev.tunegate.trainer.text.jinja.Value.Namespace;
import dev.tunegate.trainer.text.jinja.Value.Text;
import dev.tunegate.trainer.text.jinja.Value.Undefined;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Executes statements. One per rendering. */
final class Renderer {

    /** Whether a loop goes on after a statement. */
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private final Budget budget;
    private final Evaluator evaluator;
    private final IdentityHashMap<Value, Integer> tracked;
    private final List<Rendering.Part> generated = new ArrayList<>();
    private final List<Rendering.Part> turns = new ArrayList<>();
    private boolean complete = true;
    private int item = Rendering.NO_ITEM;

    /**
     * Prepares a rendering.
     *
     * @param tracked values whose loop passes are noted, by identity
     */
    Renderer(Budget budget, Evaluator evaluator, IdentityHashMap<Value, Integer> tracked) {
        this.budget = budget;
        this.evaluator = evaluator;
        this.tracked = tracked;
    }

    Rendering render(List<Statement> statements, Scope globals) {
        Output out = Output.main(budget);
        run(statements, new Scope(globals), out);
        return new Rendering(out.text(), List.copyOf(generated), List.copyOf(turns), complete);
    }

    private Flow run(List<Statement> statements, Scope scope, Output out) {
        budget.enter();
        Flow flow = Flow.ON;
        for (Statement statement : statements) {
            budget.step();
            int before = evaluator.moveTo(statement.line());
            flow = run(statement, scope, out);
            evaluator.moveTo(before);
            if (flow != Flow.ON) {
                break;
            }
        }
        budget.leave();
        return flow;
    }

    private Flow run(Statement statement, Scope scope, Output out) {
        if (statement instanceof Statement.Data data) {
            out.write(data.text());
        } else if (statement instanceof Statement.Print print) {
            out.write(PythonText.str(evaluator.eval(print.value(), scope), budget));
        } else if (statement instanceof Statement.If condition) {
            return condition(condition, scope, out);
        } else if (statement instanceof Statement.For loop) {
            return loop(loop, evaluator.eval(loop.items(), scope), scope, out, 1);
        } else if (statement instanceof Statement.Assign assign) {
            assign(assign.target(), evaluator.eval(assign.value(), scope), scope);
        } else if (statement instanceof Statement.AssignBlock assign) {
            Value text = new Text(captured(assign.body(), new Scope(scope)));
            assign(assign.target(), filtered(assign.filters(), text, scope), scope);
        } else if (statement instanceof Statement.FilterBlock block) {
            Value text = new Text(captured(block.body(), new Scope(scope)));
            out.write(PythonText.str(filtered(block.filters(), text, scope), budget));
        } else if (statement instanceof Statement.With with) {
            Scope inner = new Scope(scope);
            with.variables().forEach(v -> assign(v.target(), evaluator.eval(v.value(), scope), inner));
            return run(with.body(), inner, out);
        } else if (statement instanceof Statement.Macro macro) {
            scope.set(macro.name(), macro(macro.name(), macro.parameters(), macro.body(), scope));
        } else if (statement instanceof Statement.CallBlock block) {
            out.write(PythonText.str(callBlock(block, scope), budget));
        } else if (statement instanceof Statement.Generation generation) {
            return generation(generation, scope, out);
        } else if (statement instanceof Statement.Break) {
            return Flow.BREAK;
        } else if (statement instanceof Statement.Continue) {
            return Flow.CONTINUE;
        }
        return Flow.ON;
    }

    private Flow condition(Statement.If condition, Scope scope, Output out) {
        for (Statement.Branch branch : condition.branches()) {
            if (Values.truthy(evaluator.eval(branch.condition(), scope))) {
                return run(branch.body(), scope, out);
            }
        }
        return run(condition.otherwise(), scope, out);
    }

    private Flow loop(Statement.For loop, Value over, Scope scope, Output out, int depth) {
        List<Value> items = new ArrayList<>();
        for (Value candidate : Values.iterate(over, budget)) {
            budget.step();
            if (loop.filter() != null) {
                Scope filterScope = new Scope(scope);
                assign(loop.target(), candidate, filterScope);
                if (!Values.truthy(evaluator.eval(loop.filter(), filterScope))) {
                    continue;
                }
            }
            items.add(candidate);
        }
        if (items.isEmpty()) {
            return run(loop.otherwise(), scope, out);
        }
        LoopState state = new LoopState(items, depth, evaluator.operators());
        if (loop.recursive()) {
            state.recurseBy(arguments -> {
                Output inner = Output.captured(budget);
                loop(loop, arguments.required(0, "iterable"), scope, inner, depth + 1);
                return new Text(inner.text());
            });
        }
        for (int i = 0; i < items.size(); i++) {
            state.moveTo(i);
            if (pass(loop, state, items.get(i), scope, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.ON;
    }

    private Flow pass(Statement.For loop, LoopState state, Value value, Scope scope, Output out) {
        Scope inner = new Scope(scope);
        inner.set("loop", new Value.Loop(state));
        assign(loop.target(), value, inner);
        Integer number = tracked.get(value);
        if (number == null || !out.isMain() || item != Rendering.NO_ITEM) {
            return run(loop.body(), inner, out);
        }
        item = number;
        int start = out.length();
        Flow flow = run(loop.body(), inner, out);
        if (out.length() > start) {
            turns.add(new Rendering.Part(number, start, out.length()));
        }
        item = Rendering.NO_ITEM;
        return flow;
    }

    private Flow generation(Statement.Generation generation, Scope scope, Output out) {
        int start = out.length();
        Flow flow = run(generation.body(), new Scope(scope), out);
        if (out.isMain()) {
            generated.add(new Rendering.Part(item, start, out.length()));
        } else {
            complete = false;
        }
        return flow;
    }

    private String captured(List<Statement> body, Scope scope) {
        Output out = Output.captured(budget);
        run(body, scope, out);
        return out.text();
    }

    private Value filtered(List<Expression.Filter> filters, Value text, Scope scope) {
        Value value = text;
        for (Expression.Filter filter : filters) {
            value = evaluator.filter(filter, value, scope);
        }
        return value;
    }

    private void assign(Statement.Target target, Value value, Scope scope) {
        if (target instanceof Statement.Variable variable) {
            scope.set(variable.name(), value);
        } else if (target instanceof Statement.NamespaceField field) {
            if (!(scope.get(field.namespace()) instanceof Namespace namespace)) {
                throw new TemplateError("cannot assign attribute on non-namespace object");
            }
            namespace.attributes().put(field.attribute(), value);
        } else if (target instanceof Statement.Unpack unpack) {
            List<Value> values = Values.iterate(Values.defined(value), budget);
            int wanted = unpack.targets().size();
            if (values.size() != wanted) {
                throw new TemplateError("cannot unpack " + values.size() + " value(s) into " + wanted);
            }
            for (int i = 0; i < wanted; i++) {
                assign(unpack.targets().get(i), values.get(i), scope);
            }
        }
    }

    private Value callBlock(Statement.CallBlock block, Scope scope) {
        Value callee = evaluator.eval(block.call().callee(), scope);
        Arguments arguments = evaluator.arguments(block.call().arguments(), scope);
        Map<String, Value> named = new LinkedHashMap<>(arguments.named());
        named.put("caller", macro("caller", block.parameters(), block.body(), scope));
        return evaluator.call(callee, new Arguments(arguments.positional(), named));
    }

    private Value macro(String name, List<Statement.Parameter> parameters, List<Statement> body, Scope definition) {
        return new Callable(name, arguments -> {
            Scope scope = new Scope(definition);
            bind(parameters, arguments, scope);
            return new Text(captured(body, scope));
        });
    }

    private void bind(List<Statement.Parameter> parameters, Arguments arguments, Scope scope) {
        Map<Value, Value> extra = new LinkedHashMap<>();
        arguments.named().forEach((name, value) -> extra.put(new Text(name), value));
        for (int i = 0; i < parameters.size(); i++) {
            Statement.Parameter parameter = parameters.get(i);
            Value given = arguments.optional(i, parameter.name());
            extra.remove(new Text(parameter.name()));
            if (given == null) {
                given = parameter.otherwise() == null
                        ? new Undefined("parameter '" + parameter.name() + "' was not provided")
                        : evaluator.eval(parameter.otherwise(), scope);
            }
            scope.set(parameter.name(), given);
        }
        Value caller = extra.remove(new Text("caller"));
        if (caller != null) {
            scope.set("caller", caller);
        }
        scope.set("varargs", new Items(arguments.after(parameters.size()).positional(), true));
        scope.set("kwargs", new Dict(extra));
    }
}

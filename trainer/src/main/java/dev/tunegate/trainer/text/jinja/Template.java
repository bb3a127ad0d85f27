package dev.tunegate.trainer.text.jinja;

import dev.tunegate.trainer.stop.Stop;
import java.time.Clock;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A parsed template. Immutable; any number of threads may render it. */
public final class Template {

    private static final int LONGEST_SOURCE = 1 << 20;

    private final List<Statement> statements;
    private final boolean marksGeneration;
    private final Clock clock;

    private Template(List<Statement> statements, boolean marksGeneration, Clock clock) {
        this.statements = statements;
        this.marksGeneration = marksGeneration;
        this.clock = clock;
    }

    /**
     * Parses a template.
     *
     * @param clock what {@code strftime_now} goes by
     * @throws TemplateError with the line, where the source is not a template
     */
    public static Template parse(String source, Clock clock) {
        if (source.length() > LONGEST_SOURCE) {
            throw new TemplateError("a chat template may have at most " + LONGEST_SOURCE + " characters");
        }
        StatementParser.Parsed parsed = StatementParser.parse(source);
        return new Template(parsed.statements(), parsed.marksGeneration(), clock);
    }

    /** Whether the template says itself what the assistant says, with {@code {% generation %}}. */
    public boolean marksGeneration() {
        return marksGeneration;
    }

    /**
     * Renders.
     *
     * @param variables what the template can see
     * @param tracked values, such as the messages, whose loop passes the rendering tells apart
     * @throws TemplateError where the template raises one, uses what is not there, or exceeds its bounds
     */
    public Rendering render(Map<String, Value> variables, List<Value> tracked) {
        return render(variables, tracked, Stop.NEVER);
    }

    /** The same, as long as it is wanted. */
    public Rendering render(Map<String, Value> variables, List<Value> tracked, Stop stop) {
        IdentityHashMap<Value, Integer> numbers = new IdentityHashMap<>();
        for (int i = 0; i < tracked.size(); i++) {
            numbers.put(tracked.get(i), i);
        }
        Budget budget = new Budget(stop);
        Scope globals = new Globals(budget, clock).scope();
        variables.forEach(globals::set);
        Evaluator evaluator = new Evaluator(budget);
        try {
            return new Renderer(budget, evaluator, numbers).render(statements, globals);
        } catch (TemplateError e) {
            throw e.at(evaluator.line());
        }
    }
}

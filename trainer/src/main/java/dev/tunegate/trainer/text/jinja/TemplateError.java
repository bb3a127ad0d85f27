package dev.tunegate.trainer.text.jinja;

/** A template that cannot be parsed, or a conversation that it cannot render. */
public final class TemplateError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int line;

    /** An error whose line the interpreter adds. */
    public TemplateError(String reason) {
        this(reason, 0);
    }

    /** An error in one line of the template, counted from 1. */
    public TemplateError(String reason, int line) {
        super(line == 0 ? reason : "chat template, line " + line + ": " + reason);
        this.reason = reason;
        this.line = line;
    }

    /** What is wrong, without the line. */
    public String reason() {
        return reason;
    }

    TemplateError at(int knownLine) {
        return line == 0 && knownLine != 0 ? new TemplateError(reason, knownLine) : this;
    }
}

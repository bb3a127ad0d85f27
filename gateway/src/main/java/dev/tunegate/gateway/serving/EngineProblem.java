package dev.tunegate.gateway.serving;

/** Why an engine does not answer with a model; the message says it to whoever asks for the model. */
final class EngineProblem extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean passing;

    private EngineProblem(String message, boolean passing) {
        super(message, null, false, false);
        this.passing = passing;
    }

    /** Nothing is wrong with the model: the engine is away or busy, or somebody has still to do something. */
    static EngineProblem passing(String message) {
        return new EngineProblem(message, true);
    }

    /** The engine has refused, or its answer makes no sense. */
    static EngineProblem lasting(String message) {
        return new EngineProblem(message, false);
    }

    boolean isPassing() {
        return passing;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}

package dev.tunegate.trainer.training;

/** A hyperparameter that cannot be used; the message names the field, its value and what is allowed. */
public final class InvalidHyperparameter extends RuntimeException {
    private final String field;

    public InvalidHyperparameter(String field, String value, String allowed) {
        super("invalid %s: %s, must be %s".formatted(field, value, allowed));
        this.field = field;
    }

    private InvalidHyperparameter(String field, String message) {
        super(message);
        this.field = field;
    }

    /** A field nobody knows, in the words of OpenAI's API. */
    static InvalidHyperparameter unknown(String field, String value) {
        return new InvalidHyperparameter(
                field, "invalid %s: %s, extra inputs are not permitted".formatted(field, value));
    }

    public String field() {
        return field;
    }
}

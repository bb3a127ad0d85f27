package dev.tunegate.trainer.training;

/** A hyperparameter that cannot be used; the message names the field, its value and what is allowed. */
public final class InvalidHyperparameter extends RuntimeException {
    public InvalidHyperparameter(String field, String value, String allowed) {
        this("invalid %s: %s, must be %s".formatted(field, value, allowed));
    }

    private InvalidHyperparameter(String message) {
        super(message);
    }

    /** A field nobody knows, in the words of OpenAI's API. */
    static InvalidHyperparameter unknown(String field, String value) {
        return new InvalidHyperparameter("invalid %s: %s, extra inputs are not permitted".formatted(field, value));
    }
}

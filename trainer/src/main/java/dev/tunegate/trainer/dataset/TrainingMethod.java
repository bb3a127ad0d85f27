package dev.tunegate.trainer.dataset;

import java.util.Locale;

/** How a job trains; each method has its own form of lines. */
public enum TrainingMethod {
    /** The model learns what assistants say. */
    SUPERVISED,
    /** The model learns to prefer the better one of two answers. */
    DPO,
    /** The model learns from the grades of its own answers. */
    REINFORCEMENT;

    /**
     * The method of that name in the API.
     *
     * @throws IllegalArgumentException for another name
     */
    public static TrainingMethod named(String name) {
        for (TrainingMethod method : values()) {
            if (method.apiName().equals(name)) {
                return method;
            }
        }
        throw new IllegalArgumentException("no training method is called " + name);
    }

    /** The name in the API, such as {@code supervised}. */
    public String apiName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

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

    /** The name in the API, such as {@code supervised}. */
    public String apiName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

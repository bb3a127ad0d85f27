package dev.tunegate.gateway.tasks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a worker can be asked to do. A worker claims each kind by itself, so that light ones never wait for a training. */
public enum TaskKind {
    /** Checks a job's files. */
    VALIDATE,
    /** Trains a job's model. */
    TRAIN;

    @JsonValue
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TaskKind of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}

package dev.tunegate.gateway.tasks;

import java.util.Locale;

/** The states of a task; the last three are final. */
public enum TaskState {
    WAITING,
    LEASED,
    /** Not to be claimed; a worker that holds it keeps its lease until it has brought home what it has. */
    PAUSED,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static TaskState of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}

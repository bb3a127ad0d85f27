package dev.tunegate.trainer.training;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a training is told to do before each of its steps, in the words of the worker protocol. */
public enum Directive {
    /** Do the next step. */
    @JsonProperty("continue")
    CONTINUE,
    /** Stop now. */
    @JsonProperty("cancel")
    CANCEL,
    /** Save a resume point, then stop. */
    @JsonProperty("pause")
    PAUSE
}

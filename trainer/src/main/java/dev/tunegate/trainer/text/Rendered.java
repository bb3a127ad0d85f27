package dev.tunegate.trainer.text;

import java.util.List;

/**
 * A conversation as the model reads it.
 *
 * @param text what the chat template wrote
 * @param assistantSpans the parts of it that the model says and therefore learns: each assistant message with what
 *     ends its turn, without messages of weight 0; in order, not overlapping
 */
public record Rendered(String text, List<Span> assistantSpans) {

    /** Keeps its own copy of the spans. */
    public Rendered {
        assistantSpans = List.copyOf(assistantSpans);
    }
}

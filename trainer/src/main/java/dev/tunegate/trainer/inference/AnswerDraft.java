package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.tunegate.trainer.generation.FinishReason;
import dev.tunegate.trainer.generation.TokenScore;
import dev.tunegate.trainer.inference.ChatCompletion.ToolCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One answer as it grows, cut into pieces that may be shown. */
final class AnswerDraft {
    private final ToolCallText text;
    private final List<TokenScore> unsentScores = new ArrayList<>();

    AnswerDraft(@Nullable ArrayNode tools) {
        text = new ToolCallText(tools);
    }

    /** Words to show, with the scores of their tokens and of those since the last piece. */
    record Piece(String content, List<TokenScore> scores) {}

    /** The answer's last words, its calls, and why it ended, in OpenAI's terms. */
    record End(Piece last, List<ToolCall> calls, String finishReason) {}

    /** Takes more of the answer; the piece is empty while the words could still become a tool call. */
    Piece add(AnswerQueue.Text more) {
        unsentScores.addAll(more.scores());
        return piece(text.push(more.text()));
    }

    /** @throws RequestError when the answer was cut off because the server closes */
    End end(FinishReason reason) {
        ToolCallText.End end = text.end();
        String finishReason = switch (reason) {
            case STOP -> end.calls().isEmpty() ? "stop" : "tool_calls";
            case LENGTH -> "length";
            case CANCELLED -> throw RequestError.overloaded();
        };
        return new End(piece(end.content()), end.calls(), finishReason);
    }

    private Piece piece(String content) {
        if (content.isEmpty()) {
            return new Piece("", List.of());
        }
        List<TokenScore> scores = List.copyOf(unsentScores);
        unsentScores.clear();
        return new Piece(content, scores);
    }
}

package dev.tunegate.trainer.generation;

import java.util.List;

/**
 * Hears an answer grow. Called on the generating thread, which serves every other answer too: hand over and return. The
 * last call is always {@link #ended} or {@link #failed}; after it the model is no longer used for this answer.
 */
public interface AnswerListener {

    /** The answer has grown by a text; the scores of its tokens come along where they were asked for. */
    void text(String text, List<TokenScore> scores);

    void ended(FinishReason reason, int completionTokens);

    void failed(RuntimeException failure);
}

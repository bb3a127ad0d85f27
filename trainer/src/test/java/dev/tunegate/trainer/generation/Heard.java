package dev.tunegate.trainer.generation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Remembers what a listener was told. */
final class Heard implements AnswerListener {
    private final StringBuilder text = new StringBuilder();
    private final List<TokenScore> scores = new ArrayList<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private int completionTokens;
    private @Nullable FinishReason reason;
    private @Nullable RuntimeException failure;

    @Override
    public void text(String more, List<TokenScore> moreScores) {
        text.append(more);
        scores.addAll(moreScores);
        begun.countDown();
    }

    @Override
    public void ended(FinishReason why, int tokens) {
        reason = why;
        completionTokens = tokens;
        over.countDown();
    }

    @Override
    public void failed(RuntimeException why) {
        failure = why;
        over.countDown();
    }

    void awaitText() {
        await(begun);
    }

    Heard awaitEnd() {
        await(over);
        return this;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    String text() {
        return text.toString();
    }

    List<TokenScore> scores() {
        return scores;
    }

    int completionTokens() {
        return completionTokens;
    }

    @Nullable
    FinishReason reason() {
        return reason;
    }

    @Nullable
    RuntimeException failure() {
        return failure;
    }
}

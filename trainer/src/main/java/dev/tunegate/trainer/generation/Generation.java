package dev.tunegate.trainer.generation;

import dev.tunegate.trainer.generation.Predictor.Sequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One answer while it is generated: what the model must read next, and what its logits turn into. */
final class Generation {
    /** A longer prompt is read in pieces, so that it does not hold up the other answers. */
    private static final int PROMPT_PIECE = 512;

    private final GenerationRequest request;
    private final AnswerListener listener;
    private final Sampler sampler;
    private final StopMatcher stops;
    private final int longest;
    private final List<TokenScore> unsentScores = new ArrayList<>();

    private @Nullable Sequence sequence;
    private int promptRead;
    private int lastToken;
    private int completionTokens;
    private boolean ended;
    private volatile boolean cancelled;

    Generation(GenerationRequest request, AnswerListener listener) {
        this.request = request;
        this.listener = listener;
        this.sampler = new Sampler(request.options());
        this.stops = new StopMatcher(request.options().stop());
        this.longest =
                Math.min(request.options().maxTokens(), request.predictor().contextLength() - request.prompt().length);
    }

    Predictor predictor() {
        return request.predictor();
    }

    /** The keys and values read so far; opened on first use. */
    Sequence sequence() {
        if (sequence == null) {
            sequence = request.predictor().open();
        }
        return sequence;
    }

    boolean readsPrompt() {
        return promptRead < request.prompt().length;
    }

    /** The tokens the model reads next: a piece of the prompt, or the token drawn last. */
    int[] nextInput() {
        int[] prompt = request.prompt();
        return readsPrompt()
                ? Arrays.copyOfRange(prompt, promptRead, Math.min(prompt.length, promptRead + PROMPT_PIECE))
                : new int[] {lastToken};
    }

    /** Takes the logits {@code [vocabulary]} after {@code input}, which {@link #nextInput} gave. */
    void advance(int[] input, float[] logits) {
        promptRead += readsPrompt() ? input.length : 0;
        if (cancelled) {
            end(FinishReason.CANCELLED);
        } else if (!readsPrompt()) {
            draw(logits);
        }
    }

    private void draw(float[] logits) {
        int token = sampler.next(logits);
        if (request.stopTokens().contains(token)) {
            end(FinishReason.STOP);
            return;
        }
        completionTokens++;
        lastToken = token;
        if (request.options().scores().wanted()) {
            unsentScores.add(
                    TokenScore.of(logits, token, request.options().scores().alternatives()));
        }
        send(stops.push(request.text().push(token)));
        if (stops.stopped()) {
            end(FinishReason.STOP);
        } else if (completionTokens >= longest) {
            end(FinishReason.LENGTH);
        }
    }

    private void send(String text) {
        if (!text.isEmpty()) {
            listener.text(text, List.copyOf(unsentScores));
            unsentScores.clear();
        }
    }

    void cancel() {
        cancelled = true;
    }

    boolean cancelled() {
        return cancelled;
    }

    boolean ended() {
        return ended;
    }

    void end(FinishReason reason) {
        if (!stops.stopped() && reason != FinishReason.CANCELLED) {
            send(stops.push(request.text().flush()));
            send(stops.flush());
        }
        close();
        listener.ended(reason, completionTokens);
    }

    void fail(RuntimeException failure) {
        close();
        listener.failed(failure);
    }

    private void close() {
        ended = true;
        if (sequence != null) {
            sequence.close();
            sequence = null;
        }
    }
}

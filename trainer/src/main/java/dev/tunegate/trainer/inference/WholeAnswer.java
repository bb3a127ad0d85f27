package dev.tunegate.trainer.inference;

import dev.tunegate.trainer.generation.TokenScore;
import dev.tunegate.trainer.inference.ChatCompletion.Choice;
import dev.tunegate.trainer.inference.ChatCompletion.Message;
import dev.tunegate.trainer.inference.ChatCompletion.Usage;
import java.util.ArrayList;
import java.util.List;

/** Collects a request's answers into one chat.completion. */
final class WholeAnswer {
    private final CompletionFactory completions;
    private final int promptTokens;
    private final List<AnswerDraft> drafts = new ArrayList<>();
    private final List<StringBuilder> contents = new ArrayList<>();
    private final List<List<TokenScore>> scores = new ArrayList<>();
    private final Choice[] choices;

    WholeAnswer(ChatRequest request, CompletionFactory completions, int promptTokens) {
        this.completions = completions;
        this.promptTokens = promptTokens;
        this.choices = new Choice[request.n()];
        for (int i = 0; i < request.n(); i++) {
            drafts.add(new AnswerDraft(request.tools()));
            contents.add(new StringBuilder());
            scores.add(new ArrayList<>());
        }
    }

    ChatCompletion collect(AnswerQueue answers) throws InterruptedException {
        int completionTokens = 0;
        while (answers.more()) {
            AnswerQueue.Event event = answers.next();
            if (event instanceof AnswerQueue.Text text) {
                add(text.index(), drafts.get(text.index()).add(text));
            } else if (event instanceof AnswerQueue.Ended ended) {
                completionTokens += ended.completionTokens();
                end(ended.index(), drafts.get(ended.index()).end(ended.reason()));
            } else if (event instanceof AnswerQueue.Failed failed) {
                throw RequestError.failed(failed.failure());
            }
        }
        return completions.completion(List.of(choices), Usage.of(promptTokens, completionTokens));
    }

    private void add(int index, AnswerDraft.Piece piece) {
        contents.get(index).append(piece.content());
        scores.get(index).addAll(piece.scores());
    }

    private void end(int index, AnswerDraft.End end) {
        add(index, end.last());
        Message message = Message.assistant(contents.get(index).toString(), end.calls());
        choices[index] = new Choice(index, message, completions.logprobs(scores.get(index)), end.finishReason());
    }
}

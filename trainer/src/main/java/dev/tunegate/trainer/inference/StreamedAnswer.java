package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.trainer.inference.ChatCompletion.ToolCall;
import dev.tunegate.trainer.inference.ChatCompletion.Usage;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sends a request's answers as they grow, in chat.completion.chunk events. The first goes out with the first text, so an
 * answer that fails before it is still refused with a status.
 */
final class StreamedAnswer {
    private final ChatRequest request;
    private final CompletionFactory completions;
    private final int promptTokens;
    private final EventStream out;
    private final List<AnswerDraft> drafts;

    StreamedAnswer(ChatRequest request, CompletionFactory completions, int promptTokens, EventStream out) {
        this.request = request;
        this.completions = completions;
        this.promptTokens = promptTokens;
        this.out = out;
        this.drafts = IntStream.range(0, request.n())
                .mapToObj(i -> new AnswerDraft(request.tools()))
                .toList();
    }

    void send(AnswerQueue answers) throws IOException, InterruptedException {
        try {
            int completionTokens = 0;
            while (answers.more()) {
                AnswerQueue.Event event = answers.next();
                send(event);
                completionTokens += event instanceof AnswerQueue.Ended ended ? ended.completionTokens() : 0;
                if (answers.quiet()) {
                    out.flush();
                }
            }
            if (request.includeUsage()) {
                out.send(completions.usageChunk(Usage.of(promptTokens, completionTokens)));
            }
        } catch (RequestError e) {
            if (!out.begun()) {
                throw e;
            }
            out.send(e.toJson()); // the status is gone; SDKs know an error among the events
        }
        out.end();
    }

    private void send(AnswerQueue.Event event) throws IOException {
        if (event instanceof AnswerQueue.Failed failed) {
            throw RequestError.failed(failed.failure());
        }
        if (!out.begun()) {
            for (int i = 0; i < request.n(); i++) {
                ObjectNode first = delta().put("role", "assistant").put("content", "");
                out.send(completions.chunk(i, first.putNull("refusal"), List.of(), null));
            }
        }
        AnswerDraft draft = drafts.get(event.index());
        if (event instanceof AnswerQueue.Text text) {
            sendPiece(text.index(), draft.add(text));
        } else if (event instanceof AnswerQueue.Ended ended) {
            AnswerDraft.End end = draft.end(ended.reason());
            sendPiece(ended.index(), end.last());
            if (!end.calls().isEmpty()) {
                out.send(completions.chunk(ended.index(), toolCalls(end.calls()), List.of(), null));
            }
            out.send(completions.chunk(ended.index(), delta(), List.of(), end.finishReason()));
        }
    }

    private void sendPiece(int index, AnswerDraft.Piece piece) throws IOException {
        if (!piece.content().isEmpty()) {
            out.send(completions.chunk(index, delta().put("content", piece.content()), piece.scores(), null));
        }
    }

    private static ObjectNode toolCalls(List<ToolCall> calls) {
        ObjectNode delta = delta();
        for (int i = 0; i < calls.size(); i++) {
            ObjectNode call = delta().put("index", i);
            call.setAll(Json.MAPPER.<ObjectNode>valueToTree(calls.get(i)));
            delta.withArray("tool_calls").add(call);
        }
        return delta;
    }

    private static ObjectNode delta() {
        return JsonNodeFactory.instance.objectNode();
    }
}

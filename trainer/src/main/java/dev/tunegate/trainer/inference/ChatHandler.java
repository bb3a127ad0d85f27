package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.tunegate.trainer.generation.GenerationLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Answers one chat completion request: whole, or as a stream of chunks. */
final class ChatHandler {
    private final ServedModel.Source models;
    private final GenerationLoop loop;

    ChatHandler(ServedModel.Source models, GenerationLoop loop) {
        this.models = models;
        this.loop = loop;
    }

    /**
     * @throws RequestError when there is no answer; nothing has been sent then
     * @throws IOException when the client is gone
     */
    void handle(byte[] body, HttpExchange exchange) throws IOException, InterruptedException {
        ChatRequest request = ChatRequest.read(parse(body));
        try (ServedModel model = models.open(request.model())) {
            int[] prompt = model.prompt(request.messages(), request.tools());
            checkLength(prompt.length, request.maxTokens(), model.predictor().contextLength());
            CompletionFactory completions = new CompletionFactory(request, model::tokenText);
            try (AnswerQueue answers = new AnswerQueue(loop, model, prompt, request)) {
                if (request.stream()) {
                    new StreamedAnswer(request, completions, prompt.length, new EventStream(exchange)).send(answers);
                } else {
                    whole(new WholeAnswer(request, completions, prompt.length), answers, new PatientBody(exchange));
                }
            }
        } catch (GenerationLoop.Overloaded e) {
            throw RequestError.overloaded();
        }
    }

    private static void whole(WholeAnswer answer, AnswerQueue answers, PatientBody body)
            throws IOException, InterruptedException {
        ChatCompletion completion;
        try {
            completion = answer.collect(answers, body);
        } catch (RequestError e) {
            if (body.hasBegun()) {
                throw new IOException("the answer failed after its status was sent", e);
            }
            throw e;
        }
        body.send(completion);
    }

    private static JsonNode parse(byte[] body) throws IOException {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw RequestError.notJson();
        }
    }

    private static void checkLength(int promptTokens, @Nullable Integer maxTokens, int contextLength) {
        if (promptTokens == 0) {
            throw RequestError.invalid("The messages hold no text to answer.", "messages", null);
        }
        if (promptTokens >= contextLength) {
            throw RequestError.tooLong(contextLength, promptTokens);
        }
        if (maxTokens != null && promptTokens + (long) maxTokens > contextLength) {
            throw RequestError.tooLong(contextLength, promptTokens, maxTokens);
        }
    }
}

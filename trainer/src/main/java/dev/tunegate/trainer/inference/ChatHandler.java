package dev.tunegate.trainer.inference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.tunegate.trainer.generation.GenerationLoop;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one chat completion request: whole, or as a stream of chunks. */
final class ChatHandler {
    private static final Logger log = LoggerFactory.getLogger(ChatHandler.class);

    private final ServedModel.Source models;
    private final GenerationLoop loop;
    private final Heartbeat heartbeat;

    /** @param heartbeat keeps answers alive that take their time */
    ChatHandler(ServedModel.Source models, GenerationLoop loop, Heartbeat heartbeat) {
        this.models = models;
        this.loop = loop;
        this.heartbeat = heartbeat;
    }

    /**
     * @throws RequestError when there is no answer; nothing has been sent then
     * @throws IOException when the client is gone
     */
    void handle(byte[] body, HttpExchange exchange) throws IOException, InterruptedException {
        ChatRequest request = ChatRequest.read(parse(body));
        try (LiveBody out =
                request.stream() ? LiveBody.events(exchange, heartbeat) : LiveBody.json(exchange, heartbeat)) {
            try {
                answer(request, exchange, out);
            } catch (RequestError e) {
                refuse(e, request, out);
            } catch (RuntimeException e) {
                log.error("A chat request failed", e);
                refuse(RequestError.serverError(), request, out);
            }
        }
    }

    private void answer(ChatRequest request, HttpExchange exchange, LiveBody out)
            throws IOException, InterruptedException {
        try (ServedModel model = models.open(request.model())) {
            int[] prompt = model.prompt(request.messages(), request.tools());
            checkBias(request.sampling().logitBias().keySet(), model.predictor().vocabularySize());
            checkLength(prompt.length, request.maxTokens(), model.predictor().contextLength());
            CompletionFactory completions = new CompletionFactory(request, model::tokenText);
            try (AnswerQueue answers = new AnswerQueue(loop, model, prompt, request)) {
                out.whenGone(answers::cancel);
                if (request.stream()) {
                    new StreamedAnswer(request, completions, prompt.length, new EventStream(out)).send(answers);
                } else {
                    send(new WholeAnswer(request, completions, prompt.length).collect(answers), exchange, out);
                }
            }
        } catch (GenerationLoop.Overloaded e) {
            throw RequestError.overloaded();
        }
    }

    private static void send(ChatCompletion completion, HttpExchange exchange, LiveBody out) throws IOException {
        if (out.settle()) {
            out.write(Json.bytes(completion));
            out.end();
        } else {
            Http.send(exchange, 200, completion);
        }
    }

    /** Where a sign of life has taken the status with it, the error itself says which it would have had. */
    private static void refuse(RequestError error, ChatRequest request, LiveBody out) throws IOException {
        if (!out.settle()) {
            throw error;
        }
        if (request.stream()) {
            EventStream events = new EventStream(out);
            events.send(error.toLateJson());
            events.end();
        } else {
            out.write(Json.bytes(error.toLateJson()));
            out.end();
        }
    }

    private static JsonNode parse(byte[] body) throws IOException {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw RequestError.notJson();
        }
    }

    private static void checkBias(Set<Integer> tokens, int vocabularySize) {
        for (int token : tokens) {
            if (token >= vocabularySize) {
                throw RequestError.invalid(
                        "Invalid key in 'logit_bias': %d. The token ids of this model are 0 to %d."
                                .formatted(token, vocabularySize - 1),
                        "logit_bias",
                        null);
            }
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

package dev.tunegate.gateway.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;

/** Has an engine answer with a model, in one token: its word alone that the model is loaded is not believed. */
final class FirstAnswer {
    static final String CHAT = "/v1/chat/completions";

    private final Engine engine;
    private final EngineClient client;

    FirstAnswer(Engine engine, EngineClient client) {
        this.engine = engine;
        this.client = client;
    }

    Future<Void> of(String name) {
        ObjectNode question = Json.MAPPER.createObjectNode().put("max_tokens", 1);
        question.putArray("messages").addObject().put("role", "user").put("content", "Hi");
        return engine.address(question, name)
                .compose(asked -> client.send(HttpMethod.POST, CHAT, asked).map(reply -> {
                    check(reply, asked.path("model").asText());
                    return null;
                }));
    }

    private void check(EngineReply reply, String model) {
        JsonNode answer = reply.requireOk("A first question to it").json();
        if (!answer.at("/choices/0/message").isObject()) {
            throw EngineProblem.lasting("A first question to it was answered with something else than an answer");
        }
        String answered = answer.path("model").asText();
        if (engine.answersByName() && !answered.equals(model)) {
            throw EngineProblem.lasting("A first question to it was answered by another model, '" + answered + "'");
        }
    }
}

package dev.tunegate.gateway.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.cli.demo.data.DemoExample;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Questions that the training has not seen, asked over {@code /v1/chat/completions}, several at a time. */
final class Exam {
    private static final int AT_A_TIME = 4;

    private final DemoClient client;
    private final List<DemoExample> questions;

    Exam(DemoClient client, List<DemoExample> questions) {
        this.client = client;
        this.questions = questions;
    }

    /** A model's answers, in the order of the questions. */
    record Sheet(List<DemoExample> questions, List<String> answers) {
        /** The share of answers that are equal to the expected ones, character by character. */
        double exactMatch() {
            return (double) right() / questions.size();
        }

        int right() {
            int right = 0;
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i).equals(questions.get(i).stages())) {
                    right++;
                }
            }
            return right;
        }
    }

    Sheet sit(String model) {
        ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<Future<String>> answers = new ArrayList<>();
            for (DemoExample question : questions) {
                answers.add(pool.submit((Callable<String>) () -> ask(model, question)));
            }
            List<String> texts = new ArrayList<>();
            for (Future<String> answer : answers) {
                texts.add(await(answer));
            }
            return new Sheet(questions, texts);
        } finally {
            pool.shutdownNow();
        }
    }

    /** The conversation that asks a question, as in the training lines. */
    static ArrayNode conversation(DemoExample question) {
        ArrayNode messages = JsonNodeFactory.instance.arrayNode();
        messages.addObject().put("role", "user").put("content", question.question());
        return messages;
    }

    private String ask(String model, DemoExample question) {
        // A base model that does not know when to stop must not cost more than a right answer would.
        return client.post("/chat/completions", request(model, question, maxTokens()))
                .at("/choices/0/message/content")
                .asText();
    }

    /** Asks for the most likely answer. */
    static ObjectNode request(String model, DemoExample question, int maxTokens) {
        ObjectNode request = JsonNodeFactory.instance
                .objectNode()
                .put("model", model)
                .put("temperature", 0)
                .put("max_completion_tokens", maxTokens);
        request.set("messages", conversation(question));
        return request;
    }

    /** In a byte-level vocabulary a token is at least one byte, so this never cuts a right answer short. */
    private int maxTokens() {
        return questions.stream().mapToInt(q -> q.stages().length()).max().orElse(1) + 1;
    }

    private static String await(Future<String> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof DemoFailure failure
                    ? failure
                    : new DemoFailure("A question could not be asked: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoFailure("The demo was interrupted.", e);
        }
    }
}

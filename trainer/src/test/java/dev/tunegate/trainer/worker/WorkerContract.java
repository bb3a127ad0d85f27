package dev.tunegate.trainer.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.tunegate.trainer.OpenApi;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a worker and its stub of a gateway say to each other against openapi.yaml. It keeps the faults, because the
 * server's threads on which they are found swallow exceptions; {@link #requireKept} brings them to the test.
 */
final class WorkerContract {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<String> faults = new CopyOnWriteArrayList<>();

    /** A request's method and URI, and what is sent in it or in its answer; the body is empty where there is none. */
    record Message(String method, URI uri, @Nullable String contentType, ByteBuffer body) {
        JsonNode operation() {
            return OpenApi.operation(method, uri.getRawPath());
        }
    }

    /** Notes what is wrong beside the contract. */
    void fault(String fault) {
        faults.add(fault);
    }

    /** Fails the test if there was a fault so far. */
    void requireKept() {
        if (!faults.isEmpty()) {
            throw new AssertionError("Against openapi.yaml:\n" + String.join("\n", faults));
        }
    }

    void checkRequest(Message request) {
        JsonNode operation = request.operation();
        if (operation.isMissingNode()) {
            fault("%s %s is no operation".formatted(request.method(), request.uri()));
            return;
        }
        String name = operation.path("operationId").asText();
        Map<String, String> query = query(request.uri());
        for (JsonNode reference : operation.path("parameters")) {
            JsonNode parameter = OpenApi.resolve(reference);
            if (parameter.path("in").asText().equals("query")) {
                String key = parameter.path("name").asText();
                checkParameter(name + ": parameter " + key, parameter, query.remove(key));
            }
        }
        query.keySet().forEach(key -> fault(name + ": parameter " + key + " is not described"));
        checkBody(name + ": request", operation.path("requestBody").path("content"), request);
    }

    void checkAnswer(int status, Message answer) {
        JsonNode operation = answer.operation();
        JsonNode responses = operation.path("responses");
        JsonNode described = responses.path(Integer.toString(status));
        if (described.isMissingNode() && status >= 400) {
            described = responses.path("default");
        }
        String what = "%s: answer %d".formatted(operation.path("operationId").asText(), status);
        if (described.isMissingNode()) {
            fault(what + " is not described");
        } else {
            checkBody(what, OpenApi.resolve(described).path("content"), answer);
        }
    }

    private void checkParameter(String what, JsonNode parameter, @Nullable String value) {
        JsonNode schema = parameter.path("schema");
        if (value != null) {
            boolean text = schema.path("type").asText().equals("string");
            checkJson(what, schema, text ? TextNode.valueOf(value).toString() : value);
        } else if (parameter.path("required").asBoolean()) {
            fault(what + " is missing");
        }
    }

    private void checkBody(String what, JsonNode content, Message message) {
        String type = message.contentType();
        if (content.isEmpty()) {
            if (message.body().hasRemaining()) {
                fault("%s has a body of %d bytes, none is described"
                        .formatted(what, message.body().remaining()));
            }
        } else if (type == null || !content.has(type)) {
            fault("%s has the content type %s, described is %s".formatted(what, type, content));
        } else if (type.equals("application/json")) {
            checkJson(
                    what,
                    content.path(type).path("schema"),
                    UTF_8.decode(message.body().duplicate()).toString());
        }
    }

    private void checkJson(String what, JsonNode schema, String json) {
        try {
            OpenApi.validator(schema)
                    .validate(JSON.readTree(json))
                    .forEach(fault -> fault("%s: %s in %s".formatted(what, fault.getMessage(), json)));
        } catch (JsonProcessingException e) {
            fault("%s: no JSON in %s".formatted(what, json));
        }
    }

    private static Map<String, String> query(URI uri) {
        return Arrays.stream(Objects.requireNonNullElse(uri.getQuery(), "").split("&", -1))
                .filter(pair -> !pair.isEmpty())
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[pair.length - 1]));
    }
}

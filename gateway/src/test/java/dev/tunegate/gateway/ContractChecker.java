package dev.tunegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds requests and answers against openapi.yaml: a parameter, status, content type or JSON that the contract does not
 * describe is a failure.
 */
public final class ContractChecker {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode document;

    public ContractChecker() {
        try (InputStream in = ContractChecker.class.getResourceAsStream("/openapi.yaml")) {
            document = new YAMLMapper().readTree(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Checks a request: its query, and its body where that is JSON.
     *
     * @param contentType null when it has no body
     * @param json the body, null when it is none that a schema describes
     */
    public void checkRequest(String method, String path, @Nullable String contentType, @Nullable String json) {
        String what = method + " " + path;
        JsonNode operation = operation(method, path);
        if (operation == null) {
            throw new AssertionError("the contract has no " + what);
        }
        checkQuery(operation.path("parameters"), path, what);
        JsonNode content = operation.path("requestBody").path("content");
        if (contentType == null) {
            assertThat(content).as("%s needs a body", what).isEmpty();
            return;
        }
        assertThat(content.has(contentType))
                .as("%s takes %s", what, contentType)
                .isTrue();
        if (contentType.equals("application/json")) {
            checkJson(content.path(contentType).path("schema"), Objects.requireNonNull(json), what + " is sent");
        }
    }

    private void checkQuery(JsonNode parameters, String path, String what) {
        Map<String, String> given = new HashMap<>();
        for (String pair : path.replaceFirst("^[^?]*\\??", "").split("&", -1)) {
            String[] parts = pair.split("=", 2);
            if (parts.length == 2) {
                given.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        for (JsonNode parameter : parameters) {
            JsonNode described = resolve(parameter);
            if (described.path("in").asText().equals("query")) {
                String name = described.path("name").asText();
                String value = given.remove(name);
                if (value != null) {
                    checkJson(described.path("schema"), typed(value), what + " is sent " + name);
                } else {
                    assertThat(described.path("required").asBoolean())
                            .as("%s needs the parameter %s", what, name)
                            .isFalse();
                }
            }
        }
        assertThat(given).as("%s has parameters of the contract alone", what).isEmpty();
    }

    /** Whether a value of a query is a number or a string cannot be seen; what looks like a number is one. */
    private static String typed(String value) {
        return value.matches("-?(0|[1-9][0-9]*)")
                ? value
                : JSON.getNodeFactory().textNode(value).toString();
    }

    /** Checks an answer to a request; a URL that the contract does not know must get the error shape. */
    public void check(String method, String path, int status, @Nullable String contentType, String body) {
        JsonNode operation = operation(method, path);
        JsonNode response = operation == null ? error() : response(operation, status);
        assertThat(response.isMissingNode())
                .as("%s %s may not answer %d", method, path, status)
                .isFalse();
        JsonNode content = resolve(response).path("content");
        if (content.isEmpty()) {
            assertThat(body).as("%s %s has no body", method, path).isEmpty();
            return;
        }
        String mediaType =
                contentType == null ? "" : contentType.replaceAll(";.*", "").strip();
        assertThat(content.has(mediaType))
                .as("%s %s with status %d answers %s", method, path, status, mediaType)
                .isTrue();
        if (mediaType.equals("application/json")) {
            checkJson(content.path(mediaType).path("schema"), body, method + " " + path + " answers");
        }
    }

    /** Checks JSON against a schema of the contract by its name, for parts of streams. */
    public void check(String schema, String json) {
        checkJson(JSON.createObjectNode().put("$ref", "#/components/schemas/" + schema), json, schema + " is");
    }

    private void checkJson(JsonNode schema, String json, String what) {
        // The schema goes into a copy of the document, where its references lead somewhere.
        var withComponents = JSON.createObjectNode();
        withComponents.set("components", document.path("components"));
        withComponents.setAll((ObjectNode) schema);
        try {
            Set<ValidationMessage> faults = Schemas.of(withComponents).validate(JSON.readTree(json));
            assertThat(faults).as("%s %s", what, json).isEmpty();
        } catch (IOException e) {
            throw new AssertionError(what + " no JSON: " + json, e);
        }
    }

    private @Nullable JsonNode operation(String method, String path) {
        String[] actual = path.replaceAll("\\?.*", "").split("/", -1);
        JsonNode best = null;
        int bestParameters = Integer.MAX_VALUE;
        for (Map.Entry<String, JsonNode> entry : document.path("paths").properties()) {
            JsonNode operation = entry.getValue().path(method.toLowerCase(Locale.ROOT));
            String[] template = entry.getKey().split("/", -1);
            int parameters = (int)
                    Arrays.stream(template).filter(part -> part.startsWith("{")).count();
            if (!operation.isMissingNode() && matches(template, actual) && parameters < bestParameters) {
                best = operation;
                bestParameters = parameters;
            }
        }
        return best;
    }

    private static boolean matches(String[] template, String[] actual) {
        if (template.length != actual.length) {
            return false;
        }
        for (int i = 0; i < template.length; i++) {
            if (!template[i].startsWith("{") && !template[i].equals(actual[i])) {
                return false;
            }
        }
        return true;
    }

    private static JsonNode response(JsonNode operation, int status) {
        JsonNode responses = operation.path("responses");
        JsonNode exact = responses.path(Integer.toString(status));
        return exact.isMissingNode() && status >= 400 ? responses.path("default") : exact;
    }

    private JsonNode error() {
        return document.at("/components/responses/Error");
    }

    private JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asText();
        return reference.isEmpty() ? node : document.at(reference.substring(1));
    }
}

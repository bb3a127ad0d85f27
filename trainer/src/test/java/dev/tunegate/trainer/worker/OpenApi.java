package dev.tunegate.trainer.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The worker protocol's part of openapi.yaml, its schemas closed to fields that they do not describe. */
final class OpenApi {
    private static final JsonNode DOCUMENT = read();
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private OpenApi() {}

    /** The operation behind a path as it is sent; a missing node if there is none. */
    static JsonNode operation(String method, String path) {
        return DOCUMENT.path("paths").properties().stream()
                .filter(entry -> entry.getKey().startsWith("/worker/"))
                .filter(entry -> path.matches(entry.getKey().replaceAll("\\{\\w+}", "[^/]+")))
                .map(entry -> entry.getValue().path(method.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(DOCUMENT.path("no such path"));
    }

    /** What a reference leads to; anything else is returned as it is. */
    static JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? DOCUMENT.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** What is wrong with some JSON by one of the document's schemas. */
    static List<String> faults(JsonNode schema, String json) {
        // The schema's references lead into the document.
        ObjectNode whole = schema.deepCopy();
        whole.set("components", DOCUMENT.path("components"));
        try {
            return SCHEMAS.getSchema(whole).validate(new ObjectMapper().readTree(json)).stream()
                    .map(ValidationMessage::getMessage)
                    .toList();
        } catch (IOException e) {
            return List.of("no JSON");
        }
    }

    private static JsonNode read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("/openapi.yaml")) {
            JsonNode document = new YAMLMapper().readTree(Objects.requireNonNull(in));
            close(document.path("components"));
            return document;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forbids other fields: both sides skip what they do not know, so that a misspelt one would go unnoticed. */
    private static void close(JsonNode schema) {
        if (schema.has("properties") && !schema.has("additionalProperties")) {
            ((ObjectNode) schema).put("additionalProperties", false);
        }
        schema.forEach(OpenApi::close);
    }
}

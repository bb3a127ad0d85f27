package dev.tunegate.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.regex.RegularExpression;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads openapi.yaml, the contract with the gateway; its schemas are closed to fields that they do not describe. */
public final class OpenApi {
    private static final JsonNode DOCUMENT = read();
    /** These validate nothing; the validator warns of every other keyword that it does not know. */
    private static final JsonMetaSchema KEYWORDS = JsonMetaSchema.builder(JsonMetaSchema.getV202012())
            .keywords(Stream.of("components", "x-auto", "x-method")
                    .map(NonValidationKeyword::new)
                    .toList())
            .build();

    private static final JsonSchemaFactory FACTORY =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012, builder -> builder.metaSchema(KEYWORDS));

    /** JSON Schema takes 3.0 for an integer, which this validator does on request alone. */
    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .losslessNarrowing(true)
            .pathType(PathType.JSON_PATH)
            .regularExpressionFactory(OpenApi::pattern)
            .build();

    private OpenApi() {}

    /** A schema of the document by its name. */
    public static JsonNode schema(String name) {
        JsonNode schema = DOCUMENT.at("/components/schemas/" + name);
        if (schema.isMissingNode()) {
            throw new IllegalArgumentException("openapi.yaml has no schema " + name);
        }
        return schema;
    }

    /** The worker protocol's operation behind a path as it is sent; a missing node if there is none. */
    public static JsonNode operation(String method, String path) {
        return DOCUMENT.path("paths").properties().stream()
                .filter(entry -> entry.getKey().startsWith("/worker/"))
                .filter(entry -> path.matches(entry.getKey().replaceAll("\\{\\w+}", "[^/]+")))
                .map(entry -> entry.getValue().path(method.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(DOCUMENT.path("no such path"));
    }

    /** What a reference leads to; anything else is returned as it is. */
    public static JsonNode resolve(JsonNode node) {
        return node.has("$ref") ? DOCUMENT.at(node.path("$ref").asText().substring(1)) : node;
    }

    /** Validates against a schema of the document, into which the schema's references lead. */
    public static JsonSchema validator(JsonNode schema) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", DOCUMENT.path("components"));
        return FACTORY.getSchema(whole, CONFIG);
    }

    /** A schema's patterns are ECMAScript's, where $ is the end; Java's $ also stands before a line break at the end. */
    private static RegularExpression pattern(String ecmaScript) {
        Pattern pattern = Pattern.compile(ecmaScript.replaceAll("\\$$", "\\\\z"));
        return value -> pattern.matcher(value).find();
    }

    private static JsonNode read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("/openapi.yaml")) {
            JsonNode document =
                    new YAMLMapper().readTree(Objects.requireNonNull(in, "openapi.yaml is not on the class path"));
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

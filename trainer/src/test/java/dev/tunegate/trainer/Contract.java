package dev.tunegate.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/** The schemas of openapi.yaml, the contract with the gateway. */
public final class Contract {
    private static final JsonNode DOCUMENT = read();

    private Contract() {}

    /** A schema as it stands there. */
    public static JsonNode schema(String name) {
        JsonNode schema = DOCUMENT.at("/components/schemas/" + name);
        if (schema.isMissingNode()) {
            throw new IllegalArgumentException("openapi.yaml has no schema " + name);
        }
        return schema;
    }

    /** What is wrong with a message; empty when it is as its schema says. */
    public static Set<ValidationMessage> faults(String schema, JsonNode message) {
        return validator(schema).validate(message);
    }

    /** Validates against a schema, whose references lead to the others. */
    public static JsonSchema validator(String schema) {
        ObjectNode whole = new ObjectMapper().createObjectNode();
        whole.set("components", DOCUMENT.path("components"));
        whole.put("$ref", "#/components/schemas/" + schema);
        // JSON Schema takes 3.0 for an integer, which this validator does on request alone.
        // And its patterns are JavaScript's, whose $ stands for the end and not also for the place before a last line
        // break.
        SchemaValidatorsConfig config = SchemaValidatorsConfig.builder()
                .losslessNarrowing(true)
                .regularExpressionFactory(regex -> {
                    Pattern pattern = Pattern.compile(regex.replaceFirst("[$]\\z", "\\\\z"));
                    return value -> pattern.matcher(value).find();
                })
                .build();
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole, config);
    }

    private static JsonNode read() {
        try (InputStream in = Contract.class.getResourceAsStream("/openapi.yaml")) {
            return new YAMLMapper().readTree(Objects.requireNonNull(in, "openapi.yaml is not on the class path"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

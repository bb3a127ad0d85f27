package dev.tunegate.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.regex.RegularExpression;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Validators of openapi.yaml's schemas. */
public final class Schemas {
    /** These validate nothing; the validator warns of every other keyword that it does not know. */
    private static final JsonMetaSchema KEYWORDS = JsonMetaSchema.builder(JsonMetaSchema.getV202012())
            .keywords(Stream.of("components", "x-auto", "x-method")
                    .map(NonValidationKeyword::new)
                    .toList())
            .build();

    private static final JsonSchemaFactory FACTORY =
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012, builder -> builder.metaSchema(KEYWORDS));
    private static final SchemaValidatorsConfig CONFIG = SchemaValidatorsConfig.builder()
            .regularExpressionFactory(Schemas::pattern)
            .build();

    private Schemas() {}

    public static JsonSchema of(JsonNode schema) {
        return FACTORY.getSchema(schema, CONFIG);
    }

    /** A schema's patterns are ECMAScript's, where $ is the end; Java's $ also stands before a line break at the end. */
    private static RegularExpression pattern(String ecmaScript) {
        Pattern pattern = Pattern.compile(ecmaScript.replaceAll("\\$$", "\\\\z"));
        return value -> pattern.matcher(value).find();
    }
}

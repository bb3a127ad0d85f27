package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What a hyperparameter may be, read from its schema in openapi.yaml.
 *
 * @param forms the alternatives, "auto" among them
 * @param method the one it belongs to, null when it belongs to all
 */
record HyperparameterRule(List<ValueForm> forms, @Nullable String method) {
    static final TextNode AUTO = TextNode.valueOf("auto");

    static HyperparameterRule of(JsonNode schema) {
        List<ValueForm> forms = schema.has("oneOf")
                ? StreamSupport.stream(
                                SchemaKeywords.of(schema, "oneOf").node("oneOf").spliterator(), false)
                        .map(ValueForm::of)
                        .toList()
                : List.of(ValueForm.of(schema));
        SchemaKeywords keywords = new SchemaKeywords(schema);
        HyperparameterRule rule =
                new HyperparameterRule(forms, schema.has("x-method") ? keywords.text("x-method") : null);
        keywords.require(rule.accept(AUTO) != null, "the value auto");
        return rule;
    }

    /** The value as it is kept, null when it is not allowed. */
    @Nullable
    JsonNode accept(JsonNode value) {
        return forms.stream()
                .map(form -> form.accept(value))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    boolean isOf(String ofMethod) {
        return method == null || method.equals(ofMethod);
    }

    String description() {
        return forms.stream().map(ValueForm::description).collect(Collectors.joining(" or "));
    }
}

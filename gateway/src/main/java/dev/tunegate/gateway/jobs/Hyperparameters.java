package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The hyperparameters a job may name. They, their values and their order are what openapi.yaml says. */
public final class Hyperparameters {
    private static final Set<String> ALWAYS_SHOWN = Set.of("n_epochs", "batch_size", "learning_rate_multiplier");

    private final Map<String, HyperparameterRule> rules;

    private Hyperparameters(Map<String, HyperparameterRule> rules) {
        this.rules = rules;
    }

    /**
     * Reads the rules of a schema.
     *
     * @throws IllegalStateException when it says something that would not be checked here
     */
    public static Hyperparameters of(JsonNode schema) {
        Map<String, HyperparameterRule> rules = new LinkedHashMap<>();
        String place = "Hyperparameters";
        try {
            SchemaKeywords keywords = SchemaKeywords.of(schema, "type", "additionalProperties", "properties");
            keywords.require(!keywords.node("additionalProperties").asBoolean(true), "additionalProperties: false");
            for (Map.Entry<String, JsonNode> property :
                    schema.path("properties").properties()) {
                place = "Hyperparameters." + property.getKey();
                rules.put(property.getKey(), HyperparameterRule.of(property.getValue()));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("openapi.yaml, " + place + ": " + e.getMessage(), e);
        }
        return new Hyperparameters(rules);
    }

    /**
     * Checks both objects and merges them: the method's own values win, then the top-level ones; OpenAI's are
     * "auto" where neither has them.
     *
     * @param method its type: some hyperparameters are for one alone
     */
    public ObjectNode merge(String method, @Nullable JsonNode ofMethod, @Nullable JsonNode topLevel) {
        ObjectNode merged = Json.MAPPER.createObjectNode();
        rules.forEach((name, rule) -> {
            if (ALWAYS_SHOWN.contains(name) || method.equals(rule.method())) {
                merged.set(name, HyperparameterRule.AUTO);
            }
        });
        if (topLevel != null) {
            merged.setAll(checked(method, topLevel));
        }
        if (ofMethod != null) {
            merged.setAll(checked(method, ofMethod));
        }
        return inOrder(merged);
    }

    /** Keeps what this API can show of another host's hyperparameters. */
    public ObjectNode understood(JsonNode theirs) {
        ObjectNode understood = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> member : theirs.properties()) {
            HyperparameterRule rule = rules.get(member.getKey());
            JsonNode value = rule == null ? null : rule.accept(member.getValue());
            // An "auto" of theirs says nothing: what was asked for here stands already.
            if (value != null && !value.equals(HyperparameterRule.AUTO)) {
                understood.set(member.getKey(), value);
            }
        }
        return understood;
    }

    /** The same members in the order of the rules. */
    public ObjectNode inOrder(JsonNode hyperparameters) {
        ObjectNode ordered = Json.MAPPER.createObjectNode();
        for (String name : rules.keySet()) {
            JsonNode value = hyperparameters.get(name);
            if (value != null) {
                ordered.set(name, value);
            }
        }
        return ordered;
    }

    private ObjectNode checked(String method, JsonNode hyperparameters) {
        if (!hyperparameters.isObject()) {
            throw InvalidField.of("hyperparameters", hyperparameters, "input should be an object");
        }
        ObjectNode checked = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> given : hyperparameters.properties()) {
            HyperparameterRule rule = rules.get(given.getKey());
            if (rule == null || !rule.isOf(method)) {
                throw InvalidField.unknown(given.getKey(), given.getValue());
            }
            JsonNode value = rule.accept(given.getValue());
            if (value == null) {
                throw InvalidField.of(given.getKey(), given.getValue(), "input should be " + rule.description());
            }
            checked.set(given.getKey(), value);
        }
        return checked;
    }
}

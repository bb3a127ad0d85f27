package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.RequestFields;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The shape of a job's `integrations`. */
final class Integrations {
    private static final int MAX = 5;

    private Integrations() {}

    static @Nullable JsonNode check(@Nullable JsonNode integrations) {
        if (integrations == null) {
            return null;
        }
        if (!integrations.isArray() || integrations.size() > MAX) {
            throw InvalidField.of(
                    "integrations", integrations, "input should be a list of at most " + MAX + " integrations");
        }
        integrations.forEach(Integrations::checkOne);
        return integrations;
    }

    private static void checkOne(JsonNode integration) {
        if (!integration.isObject()) {
            throw InvalidField.of("integrations", integration, "input should be an object");
        }
        RequestFields.refuseUnknown(integration, Set.of("type", "wandb"));
        JsonNode type = integration.path("type");
        if (!type.isTextual() || !type.textValue().equals("wandb")) {
            throw InvalidField.of("type", type, "input should be 'wandb'");
        }
        JsonNode wandb = integration.path("wandb");
        if (!wandb.isObject()) {
            throw InvalidField.of("wandb", wandb, "input should be an object");
        }
        RequestFields.refuseUnknown(wandb, Set.of("project", "name", "entity", "tags"));
        if (!wandb.path("project").isTextual()) {
            throw InvalidField.of("project", wandb.path("project"), "input should be a string");
        }
        requireStringOrNull("name", wandb.path("name"));
        requireStringOrNull("entity", wandb.path("entity"));
        requireStrings(wandb.path("tags"));
    }

    private static void requireStringOrNull(String field, JsonNode value) {
        if (!value.isTextual() && !value.isNull() && !value.isMissingNode()) {
            throw InvalidField.of(field, value, "input should be a string");
        }
    }

    private static void requireStrings(JsonNode tags) {
        boolean strings = tags.isArray() || tags.isMissingNode();
        for (JsonNode tag : tags) {
            strings &= tag.isTextual();
        }
        if (!strings) {
            throw InvalidField.of("tags", tags, "input should be a list of strings");
        }
    }
}

package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.RequestFields;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The `method` of a request for a job: what it is trained with.
 *
 * @param type supervised or dpo
 * @param hyperparameters as they were given for it, null where they were not
 */
record Method(String type, @Nullable JsonNode hyperparameters) {
    private static final String SUPERVISED = "supervised";
    private static final Set<String> TYPES = Set.of(SUPERVISED, "dpo", "reinforcement");

    /** Clients may send the objects of several methods; the one that `type` names counts. */
    static Method read(@Nullable JsonNode method) {
        if (method == null) {
            return new Method(SUPERVISED, null);
        }
        requireObject("method", method);
        for (Map.Entry<String, JsonNode> member : method.properties()) {
            if (TYPES.contains(member.getKey())) {
                requireObject(member.getKey(), member.getValue());
            } else if (!member.getKey().equals("type")) {
                throw InvalidField.unknown(member.getKey(), member.getValue());
            }
        }
        String type = type(method.get("type"));
        if (method.get(type) instanceof ObjectNode chosen) {
            RequestFields.refuseUnknown(chosen, Set.of("hyperparameters"));
        }
        return new Method(type, method.path(type).get("hyperparameters"));
    }

    private static String type(@Nullable JsonNode type) {
        if (type == null) {
            throw InvalidField.missing("method.type");
        }
        if (!type.isTextual() || !TYPES.contains(type.textValue())) {
            throw InvalidField.of("type", type, "input should be 'supervised', 'dpo' or 'reinforcement'");
        }
        if (type.textValue().equals("reinforcement")) {
            throw ApiError.badRequest(
                    "The method 'reinforcement' is not supported yet. Use 'supervised' or 'dpo'.",
                    "method",
                    "unsupported_method");
        }
        return type.textValue();
    }

    private static void requireObject(String field, JsonNode value) {
        if (!value.isObject()) {
            throw InvalidField.of(field, value, "input should be an object");
        }
    }
}

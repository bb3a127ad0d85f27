package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.jobs.JobRequest;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks a request for a job field by field, by hand: the messages are OpenAI's, not a validator's. */
final class JobRequestReader {
    private static final Set<String> FIELDS = Set.of(
            "model",
            "training_file",
            "validation_file",
            "suffix",
            "seed",
            "hyperparameters",
            "method",
            "integrations",
            "metadata",
            // LiteLLM sends its own along.
            "custom_llm_provider",
            "target_model_names");
    private static final Set<String> METHODS = Set.of("supervised", "dpo", "reinforcement");

    private final ObjectNode body;

    private JobRequestReader(ObjectNode body) {
        this.body = body;
    }

    static JobRequest read(ObjectNode body) {
        return new JobRequestReader(body).read();
    }

    private JobRequest read() {
        refuseUnknown(body, FIELDS);
        String model = required("model");
        String trainingFile = required("training_file");
        JsonNode method = method();
        return new JobRequest(
                model,
                trainingFile,
                string("validation_file", 1, Integer.MAX_VALUE),
                "supervised",
                Hyperparameters.merge(
                        method == null ? null : method.path("supervised").get("hyperparameters"),
                        body.get("hyperparameters")),
                string("suffix", 1, 64),
                seed(),
                Metadata.check(optional("metadata")),
                Integrations.check(optional("integrations")));
    }

    private String required(String field) {
        if (optional(field) == null) {
            throw InvalidField.missing(field);
        }
        String value = string(field, 1, Integer.MAX_VALUE);
        return value == null ? "" : value;
    }

    private @Nullable String string(String field, int min, int max) {
        JsonNode value = optional(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw InvalidField.of(field, value, "input should be a string");
        }
        int length = value.textValue().codePointCount(0, value.textValue().length());
        if (length < min || length > max) {
            String range = max == Integer.MAX_VALUE ? "at least " + min : min + " to " + max;
            throw InvalidField.of(field, value, "input should have " + range + " characters");
        }
        return value.textValue();
    }

    private @Nullable Integer seed() {
        JsonNode value = optional("seed");
        if (value == null) {
            return null;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
            throw InvalidField.of("seed", value, "input should be an integer from 0 to " + Integer.MAX_VALUE);
        }
        return value.intValue();
    }

    /** Clients may send the objects of several methods; the one that `type` names counts. */
    private @Nullable JsonNode method() {
        JsonNode method = body.get("method");
        if (method == null) {
            return null;
        }
        if (!method.isObject()) {
            throw InvalidField.of("method", method, "input should be an object");
        }
        for (Map.Entry<String, JsonNode> member : method.properties()) {
            if (METHODS.contains(member.getKey())) {
                requireObject(member.getKey(), member.getValue());
            } else if (!member.getKey().equals("type")) {
                throw InvalidField.unknown(member.getKey(), member.getValue());
            }
        }
        JsonNode type = method.get("type");
        if (type == null) {
            throw InvalidField.missing("method.type");
        }
        if (!type.isTextual() || !METHODS.contains(type.textValue())) {
            throw InvalidField.of("type", type, "input should be 'supervised', 'dpo' or 'reinforcement'");
        }
        if (!type.textValue().equals("supervised")) {
            throw ApiError.badRequest(
                    "The method '" + type.textValue() + "' is not supported yet. Use 'supervised'.",
                    "method",
                    "unsupported_method");
        }
        if (method.get("supervised") instanceof ObjectNode supervised) {
            refuseUnknown(supervised, Set.of("hyperparameters"));
        }
        return method;
    }

    private static void requireObject(String field, JsonNode value) {
        if (!value.isObject()) {
            throw InvalidField.of(field, value, "input should be an object");
        }
    }

    private @Nullable JsonNode optional(String field) {
        JsonNode value = body.get(field);
        return value == null || value.isNull() ? null : value;
    }

    static void refuseUnknown(JsonNode object, Set<String> known) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            if (!known.contains(member.getKey())) {
                throw InvalidField.unknown(member.getKey(), member.getValue());
            }
        }
    }
}

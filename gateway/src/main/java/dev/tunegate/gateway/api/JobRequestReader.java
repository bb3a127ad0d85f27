package dev.tunegate.gateway.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.jobs.Hyperparameters;
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
    private static final String SUPERVISED = "supervised";
    private static final Set<String> METHODS = Set.of(SUPERVISED, "dpo", "reinforcement");

    private final ObjectNode body;
    private final Hyperparameters hyperparameters;

    private JobRequestReader(ObjectNode body, Hyperparameters hyperparameters) {
        this.body = body;
        this.hyperparameters = hyperparameters;
    }

    static JobRequest read(ObjectNode body, Hyperparameters hyperparameters) {
        return new JobRequestReader(body, hyperparameters).read();
    }

    private JobRequest read() {
        refuseUnknown(body, FIELDS);
        String model = required("model");
        String trainingFile = required("training_file");
        String validationFile = string("validation_file", 1, Integer.MAX_VALUE);
        JsonNode method = method();
        String type = method == null ? SUPERVISED : method.path("type").asText();
        return new JobRequest(
                model,
                trainingFile,
                validationFile,
                type,
                hyperparameters(type, method, validationFile),
                string("suffix", 1, 64),
                seed(),
                Metadata.check(optional("metadata")),
                Integrations.check(optional("integrations")));
    }

    private ObjectNode hyperparameters(String type, @Nullable JsonNode method, @Nullable String validationFile) {
        JsonNode ofMethod = method == null ? null : method.path(type).get("hyperparameters");
        ObjectNode merged = hyperparameters.merge(type, ofMethod, body.get("hyperparameters"));
        JsonNode patience = merged.path("early_stopping_patience");
        if (patience.isNumber() && validationFile == null) {
            throw InvalidField.of(
                    "early_stopping_patience", patience, "needs a validation_file: it watches the loss on it");
        }
        return merged;
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
        if (type.textValue().equals("reinforcement")) {
            throw ApiError.badRequest(
                    "The method 'reinforcement' is not supported yet. Use 'supervised' or 'dpo'.",
                    "method",
                    "unsupported_method");
        }
        if (method.get(type.textValue()) instanceof ObjectNode chosen) {
            refuseUnknown(chosen, Set.of("hyperparameters"));
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

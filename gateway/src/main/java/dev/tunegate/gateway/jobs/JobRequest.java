package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.InvalidField;
import dev.tunegate.gateway.http.RequestFields;
import io.vertx.sqlclient.Row;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for with a job, checked: as the request has it, and as the job's row keeps it.
 *
 * @param model a base model, or a fine-tuned one to continue from
 * @param hyperparameters n_epochs, batch_size and learning_rate_multiplier, "auto" where not given, and those of our
 *     extensions that were given; the worker's numbers replace "auto"
 * @param seed drawn where none was given
 */
public record JobRequest(
        String model,
        String trainingFile,
        @Nullable String validationFile,
        String method,
        JsonNode hyperparameters,
        @Nullable String suffix,
        int seed,
        @Nullable JsonNode metadata,
        @Nullable JsonNode integrations) {

    private static final SecureRandom SEEDS = new SecureRandom();
    private static final int MAX_SUFFIX = 64;

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

    /** Reads the body of a request to create a job; fails with the first field that is wrong. */
    public static JobRequest read(ObjectNode body, Hyperparameters known) {
        RequestFields.refuseUnknown(body, FIELDS);
        RequestFields fields = new RequestFields(body);
        String model = fields.requiredText("model");
        String trainingFile = fields.requiredText("training_file");
        String validationFile = fields.optionalText("validation_file", 1, Integer.MAX_VALUE);
        Method method = Method.read(body.get("method"));
        ObjectNode hyperparameters = known.merge(method.type(), method.hyperparameters(), body.get("hyperparameters"));
        requireFileForPatience(hyperparameters, validationFile);
        String suffix = fields.optionalText("suffix", 1, MAX_SUFFIX);
        Integer seed = fields.optionalCount("seed");
        return new JobRequest(
                model,
                trainingFile,
                validationFile,
                method.type(),
                hyperparameters,
                suffix,
                seed == null ? SEEDS.nextInt(Integer.MAX_VALUE) : seed,
                Metadata.check(fields.optional("metadata")),
                Integrations.check(fields.optional("integrations")));
    }

    private static void requireFileForPatience(JsonNode hyperparameters, @Nullable String validationFile) {
        JsonNode patience = hyperparameters.path("early_stopping_patience");
        if (patience.isNumber() && validationFile == null) {
            throw InvalidField.of(
                    "early_stopping_patience", patience, "needs a validation_file: it watches the loss on it");
        }
    }

    /** Reads its columns of a row of {@code jobs}. */
    static JobRequest of(Row row) {
        return new JobRequest(
                row.getString("model"),
                row.getString("training_file"),
                row.getString("validation_file"),
                row.getString("method"),
                Objects.requireNonNull(JsonColumns.get(row, "hyperparameters")),
                row.getString("suffix"),
                row.getInteger("seed"),
                JsonColumns.get(row, "metadata"),
                JsonColumns.get(row, "integrations"));
    }

    /** Its columns, in the order in which the statement `jobs.create` takes them. */
    List<@Nullable Object> columns() {
        return Arrays.asList(
                model,
                trainingFile,
                validationFile,
                method,
                hyperparameters.toString(),
                suffix,
                seed,
                JsonColumns.text(metadata),
                JsonColumns.text(integrations));
    }

    /** The same for another model. */
    public JobRequest withModel(String other) {
        return new JobRequest(
                other, trainingFile, validationFile, method, hyperparameters, suffix, seed, metadata, integrations);
    }
}

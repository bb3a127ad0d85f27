package dev.tunegate.gateway.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A checked request for a job.
 *
 * @param hyperparameters n_epochs, batch_size and learning_rate_multiplier, "auto" where not given, and those of our
 *     extensions that were given
 * @param seed null to have one drawn
 */
public record JobRequest(
        String model,
        String trainingFile,
        @Nullable String validationFile,
        String method,
        ObjectNode hyperparameters,
        @Nullable String suffix,
        @Nullable Integer seed,
        @Nullable JsonNode metadata,
        @Nullable JsonNode integrations) {

    /** The same for another model. */
    public JobRequest withModel(String other) {
        return new JobRequest(
                other, trainingFile, validationFile, method, hyperparameters, suffix, seed, metadata, integrations);
    }
}

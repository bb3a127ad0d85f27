package dev.tunegate.gateway.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tunegate.gateway.http.Json;
import dev.tunegate.gateway.jobs.Job;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.jobs.Timings;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The job as OpenAI sends it, in the order in which OpenAI sends it. */
record JobObject(
        String object,
        String id,
        String model,
        long createdAt,
        @Nullable Long finishedAt,
        @Nullable String fineTunedModel,
        String organizationId,
        List<String> resultFiles,
        JobStatus status,
        @Nullable String validationFile,
        String trainingFile,
        JsonNode hyperparameters,
        @Nullable Long trainedTokens,
        @Nullable JsonNode error,
        @Nullable String userProvidedSuffix,
        int seed,
        @Nullable Long estimatedFinish,
        JsonNode integrations,
        @Nullable JsonNode metadata,
        @Nullable Object usageMetrics,
        boolean sharedWithOpenai,
        @Nullable String evalId,
        JsonNode method,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Extension tunegate) {

    /** What of our extension {@code tunegate} a job has: where an upstream trains it, or where a worker's time went. */
    private sealed interface Extension {
        static @Nullable Extension of(Job job) {
            String upstream = job.upstream();
            if (upstream != null) {
                return new Forwarded(upstream, job.upstreamJobId());
            }
            Timings timings = job.timings();
            return timings == null ? null : new Trained(timings);
        }
    }

    /**
     * A job that an upstream trains.
     *
     * @param jobId its id there, null until the upstream has it
     */
    record Forwarded(String upstream, @Nullable String jobId) implements Extension {}

    /** A job that a worker has trained, or has begun to. */
    record Trained(Timings timings) implements Extension {}

    /** A job whose hyperparameters are in the order in which a job shows them; Postgres has not kept it. */
    static JobObject of(Job job, JsonNode hyperparameters) {
        // Only a success has an end and a token count here, as with the live service.
        boolean succeeded = job.status() == JobStatus.SUCCEEDED;
        return new JobObject(
                "fine_tuning.job",
                job.id(),
                job.request().model(),
                job.createdAt().toEpochSecond(),
                succeeded ? seconds(job.finishedAt()) : null,
                job.fineTunedModel(),
                organizationId(job.project()),
                job.resultFiles(),
                job.status(),
                job.request().validationFile(),
                job.request().trainingFile(),
                hyperparameters,
                succeeded ? job.trainedTokens() : null,
                error(job.error()),
                job.request().suffix(),
                job.request().seed(),
                seconds(job.estimatedFinish()),
                integrations(job.request().integrations()),
                job.request().metadata(),
                null,
                false,
                null,
                method(job.request().method(), hyperparameters),
                Extension.of(job));
    }

    private static @Nullable Long seconds(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toEpochSecond();
    }

    /** Postgres keeps the members of an object, not their order. */
    private static @Nullable JsonNode error(@Nullable JsonNode error) {
        if (error == null) {
            return null;
        }
        ObjectNode ordered = Json.MAPPER.createObjectNode();
        for (String member : List.of("code", "message", "param")) {
            ordered.set(member, error.get(member));
        }
        return ordered;
    }

    private static JsonNode integrations(@Nullable JsonNode integrations) {
        ArrayNode none = Json.MAPPER.createArrayNode();
        return integrations == null ? none : integrations;
    }

    private static JsonNode method(String type, JsonNode hyperparameters) {
        ObjectNode method = Json.MAPPER.createObjectNode().put("type", type);
        method.putObject(type).set("hyperparameters", hyperparameters);
        return method;
    }

    /** Gives a project an id in the form of OpenAI's, which is always the same for the same project. */
    private static String organizationId(String project) {
        UUID hash = UUID.nameUUIDFromBytes(project.getBytes(StandardCharsets.UTF_8));
        return "org-" + hash.toString().replace("-", "").substring(0, 24);
    }
}

package dev.tunegate.gateway.forwarding;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tunegate.gateway.jobs.JobError;
import dev.tunegate.gateway.jobs.JobStatus;
import dev.tunegate.gateway.upstream.Scrubber;
import dev.tunegate.gateway.upstream.UpstreamClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job as an upstream shows it, checked: what is in here makes sense.
 *
 * @param hyperparameters of its method, empty where it shows none
 * @param estimatedFinish seconds since 1970
 * @param error exactly for a failed one
 * @param fineTunedModel exactly for a succeeded one
 */
record UpstreamJob(
        String id,
        JobStatus status,
        JsonNode hyperparameters,
        @Nullable Long trainedTokens,
        @Nullable Long estimatedFinish,
        List<String> resultFiles,
        @Nullable String fineTunedModel,
        @Nullable JobError error) {

    /** Azure has other words for the same states. */
    private static final Map<String, String> OTHER_WORDS = Map.of(
            "created", "validating_files",
            "pending", "queued",
            "notRunning", "queued",
            "resuming", "queued",
            "pausing", "running",
            "cancelling", "running",
            "canceled", "cancelled");

    static UpstreamJob of(JsonNode json, UpstreamClient host) {
        String id = UpstreamIds.require(json.path("id"), "a job without an id", host);
        String word = json.path("status").asText();
        JobStatus status = JobStatus.find(OTHER_WORDS.getOrDefault(word, word))
                .orElseThrow(() ->
                        host.nonsense("a job of the status '" + host.scrubber().quoted(word) + "'"));
        return new UpstreamJob(
                id,
                status,
                hyperparameters(json),
                count(json.path("trained_tokens")),
                UpstreamTime.seconds(json.path("estimated_finish")),
                status == JobStatus.SUCCEEDED ? resultFiles(json, host) : List.of(),
                status == JobStatus.SUCCEEDED ? model(json, host) : null,
                status == JobStatus.FAILED ? error(json.path("error"), host.scrubber()) : null);
    }

    /** Reads the job from an answer to an order. Where a host answers with something else, the next look sees the job. */
    static Optional<UpstreamJob> ifAny(JsonNode json, UpstreamClient host) {
        return json.has("status") && json.has("id") ? Optional.of(of(json, host)) : Optional.empty();
    }

    private static JsonNode hyperparameters(JsonNode json) {
        JsonNode ofMethod = json.path("method")
                .path(json.path("method").path("type").asText())
                .path("hyperparameters");
        return ofMethod.isObject() ? ofMethod : json.path("hyperparameters");
    }

    private static @Nullable Long count(JsonNode number) {
        return number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0
                ? number.longValue()
                : null;
    }

    private static List<String> resultFiles(JsonNode json, UpstreamClient host) {
        List<String> ids = new ArrayList<>();
        for (JsonNode file : json.path("result_files")) {
            ids.add(UpstreamIds.require(file, "a result file without an id", host));
        }
        return ids;
    }

    private static String model(JsonNode json, UpstreamClient host) {
        return UpstreamIds.require(json.path("fine_tuned_model"), "a job that succeeded without a model", host);
    }

    private static JobError error(JsonNode error, Scrubber scrubber) {
        String code = scrubber.quoted(error.path("code").asText());
        String message = scrubber.quoted(error.path("message").asText());
        JsonNode param = error.path("param");
        return new JobError(
                code.isEmpty() ? "upstream_failed" : code,
                message.isEmpty() ? "The upstream says no more than that the job failed." : message,
                param.isTextual() ? scrubber.quoted(param.textValue()) : null);
    }
}

package dev.tunegate.gateway.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Another host with OpenAI's API.
 *
 * @param baseUrl with the /v1, without a slash at its end
 * @param apiKey null for a host that asks for none
 * @param models the names it answers to
 * @param organization sent as OpenAI-Organization
 * @param project sent as OpenAI-Project
 * @param timeout how long an answer may take
 * @param retries how often a request that failed on the way is sent again
 * @param extraFields what it takes in a chat request beyond OpenAI's fields
 */
public record Upstream(
        String name,
        URI baseUrl,
        @Nullable String apiKey,
        List<Glob> models,
        Set<Purpose> purposes,
        @Nullable String organization,
        @Nullable String project,
        Duration timeout,
        int retries,
        ExtraFields extraFields) {
    static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);
    static final int DEFAULT_RETRIES = 2;

    /** A host that takes OpenAI's fields only. */
    public Upstream(
            String name,
            URI baseUrl,
            @Nullable String apiKey,
            List<Glob> models,
            Set<Purpose> purposes,
            @Nullable String organization,
            @Nullable String project,
            Duration timeout,
            int retries) {
        this(name, baseUrl, apiKey, models, purposes, organization, project, timeout, retries, ExtraFields.NONE);
    }

    /** A fine-tuned model ({@code ft:base:…}) is where its base is. */
    boolean serves(String model, Purpose purpose) {
        return purposes.contains(purpose) && (names(model) || (model.startsWith("ft:") && names(base(model))));
    }

    private boolean names(String model) {
        return models.stream().anyMatch(glob -> glob.matches(model));
    }

    private static String base(String fineTuned) {
        return fineTuned.split(":", 3)[1];
    }

    /** Leaves out the key: what is printed ends up in logs. */
    @Override
    public String toString() {
        return "Upstream[" + name + ", " + baseUrl + ", key " + (apiKey == null ? "not set" : "set") + "]";
    }
}

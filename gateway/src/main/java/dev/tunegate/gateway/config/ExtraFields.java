package dev.tunegate.gateway.config;

import java.util.Set;

/**
 * The fields that a chat request may have beyond OpenAI's, on its way to one host.
 *
 * @param names as they stand in a request, {@link #ANY} for all
 */
public record ExtraFields(Set<String> names) {
    public static final ExtraFields NONE = new ExtraFields(Set.of());
    static final String ANY = "*";

    /**
     * Fields by which a request could say to which host it goes, or with which key: libraries that talk to several hosts
     * take them. Passed on, they would have an upstream that is such a library send our key wherever a client likes.
     */
    public static final Set<String> NEVER = Set.of(
            "api_base",
            "base_url",
            "api_key",
            "api_type",
            "api_version",
            "organization",
            "headers",
            "extra_headers",
            "default_headers",
            "proxy",
            "user_config",
            "litellm_params",
            "vertex_credentials",
            "aws_access_key_id",
            "aws_secret_access_key",
            "aws_session_token",
            "azure_ad_token");

    public ExtraFields {
        names = Set.copyOf(names);
    }

    /** Whether a host takes a field that is not OpenAI's. */
    public boolean has(String field) {
        return !NEVER.contains(field) && (names.contains(field) || names.contains(ANY));
    }
}

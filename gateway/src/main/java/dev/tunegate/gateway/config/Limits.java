package dev.tunegate.gateway.config;

import org.jspecify.annotations.Nullable;

/**
 * How much a client may ask for.
 *
 * @param maxUploadMegabytes the largest file; null where the file does not say
 * @param project what each project may have and do
 */
public record Limits(@Nullable Integer maxUploadMegabytes, ProjectLimits project) {
    public static final int MAX_UPLOAD_MEGABYTES = 1_000_000;
    static final Limits NONE = new Limits(null, ProjectLimits.DEFAULT);
}

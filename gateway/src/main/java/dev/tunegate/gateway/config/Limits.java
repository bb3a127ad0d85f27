package dev.tunegate.gateway.config;

import org.jspecify.annotations.Nullable;

/**
 * How much a client may ask for.
 *
 * @param maxUploadMegabytes the largest file; null where the file does not say
 */
public record Limits(@Nullable Integer maxUploadMegabytes) {
    public static final int MAX_UPLOAD_MEGABYTES = 1_000_000;
    static final Limits NONE = new Limits(null);
}

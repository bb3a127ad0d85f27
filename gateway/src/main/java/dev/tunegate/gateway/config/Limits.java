package dev.tunegate.gateway.config;

import org.jspecify.annotations.Nullable;

/**
 * How much a client may ask for.
 *
 * @param maxUploadMegabytes the largest file; null where the file does not say
 * @param minFreeMegabytes what uploads leave free on the disk; 0 for nothing
 */
public record Limits(@Nullable Integer maxUploadMegabytes, int minFreeMegabytes) {
    public static final long MEGABYTE = 1 << 20;
    public static final int MAX_UPLOAD_MEGABYTES = 1_000_000;
    public static final int DEFAULT_MIN_FREE_MEGABYTES = 256;
    static final int MOST_MIN_FREE_MEGABYTES = 1_000_000;
    static final Limits NONE = new Limits(null, DEFAULT_MIN_FREE_MEGABYTES);
}

package dev.tunegate.gateway.config;

/**
 * How much each project may have and do.
 *
 * @param openJobs jobs that have not ended
 * @param files uploads and what jobs leave behind
 * @param storedMegabytes the bytes of those files
 * @param openChats chat requests that one gateway answers at the same time
 * @param requestsPerMinute requests with a key, at one gateway
 */
public record ProjectLimits(int openJobs, int files, int storedMegabytes, int openChats, int requestsPerMinute) {
    /** Far above what people do, and below what brings a gateway down. */
    public static final ProjectLimits DEFAULT = new ProjectLimits(10_000, 100_000, 1_000_000, 1_000, 60_000);

    static final int MOST = 100_000_000;
}

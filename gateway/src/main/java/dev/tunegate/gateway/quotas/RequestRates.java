package dev.tunegate.gateway.quotas;

import dev.tunegate.gateway.http.ApiError;
import dev.tunegate.gateway.http.Caller;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * How many requests each project may still make at this gateway, which counts for itself: a project that has been quiet may
 * make a minute's worth at once, and then goes on at the limit's pace. Without keys there are no projects to tell apart, and
 * no limit.
 */
public final class RequestRates {
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    private final int perMinute;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /**
     * What a project may do.
     *
     * @param left requests that may be made at once; below 0 for one that is refused
     * @param at when it was so
     */
    private record Bucket(double left, long at) {}

    /** @param nanoTime as {@link System#nanoTime} */
    public RequestRates(int perMinute, LongSupplier nanoTime) {
        this.perMinute = perMinute;
        this.nanoTime = nanoTime;
    }

    /** Counts a caller's request and says in its response how it stands. Fails where it is one too many. */
    public Caller count(Caller caller, HttpServerResponse response) {
        if (caller.keyId() == null) {
            return caller;
        }
        double left = take(caller.project());
        response.putHeader("x-ratelimit-limit-requests", Integer.toString(perMinute));
        response.putHeader("x-ratelimit-remaining-requests", Integer.toString((int) Math.max(0, left)));
        response.putHeader("x-ratelimit-reset-requests", ShortDuration.text(timeFor(perMinute - Math.max(0, left))));
        if (left < 0) {
            Duration wait = timeFor(-left);
            throw TooMany.requests(
                    "Rate limit reached in project " + ApiError.quoted(caller.project())
                            + " on requests per min (RPM): Limit " + perMinute + ", Used " + perMinute
                            + ", Requested 1. Please try again in " + ShortDuration.text(wait) + ".",
                    wait);
        }
        return caller;
    }

    /** What is left behind the request, which counts only where that is not below 0. */
    double take(String project) {
        double[] left = new double[1];
        buckets.compute(project, (name, bucket) -> {
            long now = nanoTime.getAsLong();
            double there = bucket == null
                    ? perMinute
                    : Math.min(perMinute, bucket.left() + (double) (now - bucket.at()) * perMinute / MINUTE);
            left[0] = there - 1;
            return new Bucket(left[0] < 0 ? there : left[0], now);
        });
        return left[0];
    }

    private Duration timeFor(double requests) {
        return Duration.ofNanos((long) (requests * MINUTE / perMinute));
    }
}
